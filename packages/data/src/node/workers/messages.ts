import type { Begun, Recipe } from '../../load/crew.js'

/** What a thread is told. */
export type Order =
  | { readonly do: 'make'; readonly recipe: number; readonly steps: Recipe }
  | { readonly do: 'forget'; readonly recipe: number }
  | { readonly do: 'finish'; readonly job: number; readonly recipe: number; readonly begun: Begun }

/** What a thread says. */
export type Report =
  | { readonly say: 'hello' }
  | { readonly say: 'made'; readonly recipe: number; readonly failure?: Failure }
  | {
      readonly say: 'finished'
      readonly job: number
      readonly elements: readonly unknown[]
      readonly position: number
    }
  /** The sample was made but cannot cross: some element is no data. */
  | { readonly say: 'stays'; readonly job: number }
  | { readonly say: 'failed'; readonly job: number; readonly failure: Failure }

/** What was thrown in a thread. */
export type Failure =
  | { readonly kind: 'skip'; readonly message: string }
  | { readonly kind: 'espalier'; readonly code: string; readonly message: string; readonly cause?: Failure }
  | { readonly kind: 'other'; readonly error: unknown }
