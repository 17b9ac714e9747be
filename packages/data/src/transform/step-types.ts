import type { Target } from '../blocks/block.js'
import type { NdArray } from '../nd-array.js'
import type { Pipeline } from './pipeline.js'
import type { TransformContext } from './transform.js'

/** What a step takes. */
export type TakenByStep<T> = T extends { encode(x: infer In, context: TransformContext): unknown }
  ? In
  : T extends (x: infer In) => unknown
    ? In
    : unknown
/** What a step makes. */
export type MadeByStep<T> = T extends { encode(x: never, context: TransformContext): infer Out }
  ? Awaited<Out>
  : T extends (x: never) => infer Out
    ? Awaited<Out>
    : unknown

type First<T extends readonly unknown[]> = T extends readonly [infer F, ...unknown[]] ? F : never
type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never

/** What the first of a list of steps takes. */
export type TakenBy<T extends readonly unknown[]> = T extends readonly [] ? NdArray : TakenByStep<First<T>>
/** What the last of a list of steps, or a pipeline, makes. */
export type MadeBy<T> =
  T extends Pipeline<never, infer Out>
    ? Out
    : T extends readonly [unknown, ...unknown[]]
      ? MadeByStep<Last<T>>
      : unknown

/** What a value is in a batch: arrays as they are, numbers and booleans stacked; of the rest item transforms decide. */
export type ArrayFrom<V> = [V] extends [NdArray]
  ? V
  : [V] extends [number]
    ? NdArray<'float32'>
    : [V] extends [boolean]
      ? NdArray<'bool'>
      : NdArray

/** What the values of pipelines are in a batch; a single pipeline may make a list of elements. */
export type ArraysFrom<T extends readonly unknown[]> = T extends readonly [infer P]
  ? MadeBy<P> extends infer Out
    ? Out extends readonly [unknown, ...unknown[]]
      ? { readonly [K in keyof Out]: ArrayFrom<Out[K]> }
      : Out extends readonly unknown[]
        ? readonly NdArray[]
        : readonly [ArrayFrom<Out>]
    : never
  : { readonly [K in keyof T]: ArrayFrom<MadeBy<T[K]>> }

/** What predictions are read as, where one of the steps is a target. */
export type ReadBy<T> = T extends readonly [...infer Rest, infer L]
  ? L extends Target<infer P>
    ? P
    : ReadBy<Rest>
  : unknown
/** What predictions of the last of some pipelines are read as. */
export type ReadByLast<T extends readonly unknown[]> = ReadBy<Last<T>>
