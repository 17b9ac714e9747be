/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Something that can be written down as data and made again from it, by name, in another process. */
export interface Portable {
  readonly name: string
  /** The options that a factory registered under `name` needs to make it again, state included. */
  toJSON?(): { readonly [key: string]: Json }
  /** Why there is no `toJSON`, and what to do about it. */
  readonly untold?: { readonly why: string; readonly fix: string }
}
