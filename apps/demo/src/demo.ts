/** What a demo is run with. */
export interface DemoOptions {
  /** Where its data lies; default: what is bundled. */
  readonly data?: string
  /** Where it writes. */
  readonly out: string
  /** A few items, a few steps and a bound that is easy to keep: to see that it runs. */
  readonly small?: boolean
}

/** How a demo ended: one line, and whether its bound holds. */
export interface DemoResult {
  readonly text: string
  readonly ok: boolean
}

/** A short program that shows one application and asserts its result. */
export interface Demo {
  readonly about: string
  run(options: DemoOptions): Promise<DemoResult>
}
