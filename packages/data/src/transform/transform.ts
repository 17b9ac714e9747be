import type { Cell } from '../blocks/block.js'
import type { Portable } from '../json.js'
import type { Random } from '../random/random.js'

/** Where a transform acts: on which split, and with which random draws of its own. */
export interface TransformContext {
  /** 0 while training, 1 while validating or predicting. */
  readonly split: number
  /** The draws of this item in this epoch. */
  readonly random: Random
}

/**
 * One reversible step of a pipeline (fastai's `Transform`). `setup` sees the training items once, already
 * passed through the steps before it; a step with a `splitIdx` runs on that split alone.
 */
export interface Transform<In = unknown, Out = unknown> extends Portable {
  /** Lower runs first; equal orders keep their place. Default 0. */
  readonly order?: number
  readonly splitIdx?: number
  /** Belongs to the data set and not to the model, as a label function does: exports leave it out. */
  readonly local?: boolean
  /** False sets up on all items, validation too. Default true: on those that train. */
  readonly trainSetup?: boolean
  /** Sees the items, and the steps before this one, which have been set up. */
  setup?(items: AsyncIterable<In>, before: readonly Transform[]): void | Promise<void>
  /** Looks at the validation items after `setup` and throws on what it could not encode. */
  check?(items: AsyncIterable<In>): void | Promise<void>
  /** Whether new items may enter the pipeline here: what is predicted need not be what was trained on. */
  accepts?(x: unknown): boolean
  encode(x: In, context: TransformContext): Out | Promise<Out>
  decode?(y: Out): In
  /** Makes what `encode` returns visible: decoding to show goes no further than this. */
  show?(y: Out): Cell
}

/**
 * A transform, or a plain function that stands for one without `setup` and `decode`. Written as a method, as
 * the methods of {@link Transform} are, so that lists of steps of different types can be held together.
 */
export type TransformLike<In = unknown, Out = unknown> =
  | Transform<In, Out>
  | { step(x: In): Out | Promise<Out> }['step']

/** Makes a transform of a function; a transform is returned as it is. */
export function asTransform<In, Out>(t: TransformLike<In, Out>): Transform<In, Out> {
  return typeof t === 'function' ? { name: t.name || 'function', encode: (x) => t(x) } : t
}

/** Whether a transform runs on a split: those of a training or validation step alone are left out elsewhere. */
export function runsOn(t: { readonly splitIdx?: number }, split: number): boolean {
  return t.splitIdx === undefined || t.splitIdx === split
}

/** Sorted by `order`, stably. */
export function byOrder<T extends { readonly order?: number }>(transforms: readonly T[]): T[] {
  return [...transforms].sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
}

/** Calls `f` at once, or when the value has arrived; keeps synchronous pipelines synchronous. */
export function andThen<A, B>(value: A | Promise<A>, f: (a: A) => B | Promise<B>): B | Promise<B> {
  return value instanceof Promise ? value.then(f) : f(value)
}
