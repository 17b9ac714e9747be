import type { StepSpec } from '../transform/movable.js'

/** What threads do with samples: they end pipelines and run item transforms. */
export interface Recipe {
  /** The last steps of each pipeline; undefined where samples come ready from their data set. */
  readonly pipelines?: readonly (readonly StepSpec[])[] | undefined
  readonly itemTfms: readonly StepSpec[]
}

/** A sample that was begun: what its pipelines have made so far, and where its random draws stand. */
export interface Begun {
  /** How it is called in messages. */
  readonly id: string
  readonly values: readonly unknown[]
  readonly split: number
  readonly seed: number
  readonly epoch: number
  readonly index: number
  /** How many words were drawn. */
  readonly position: number
}

/** A sample that was done, and where its random draws stand. */
export interface Done {
  readonly elements: readonly unknown[]
  readonly position: number
}

/** Threads that work for one loop over a loader, until it is disposed. */
export interface Crew extends Disposable {
  /** Does a sample; `here` does the same on this thread, where none is ready yet or the sample cannot cross. */
  finish(begun: Begun, here: () => Promise<Done>): Promise<Done>
}

/** How many threads are wanted; undefined: as many as help, if the work is worth it. */
export interface CrewOptions {
  readonly workers: number | undefined
  readonly heavy: boolean
  /** How many samples there will be. */
  readonly samples: number
}

/** Finds threads for a recipe; undefined where there are none. */
export type Hire = (recipe: Recipe, options: CrewOptions) => Crew | undefined

let hire: Hire = () => undefined

/** Says where threads come from: what a platform installs. */
export function setHire(f: Hire): void {
  hire = f
}

/** Threads for a recipe, where there are any. */
export function hireCrew(recipe: Recipe, options: CrewOptions): Crew | undefined {
  return hire(recipe, options)
}
