import { Random, sizeOf } from '@espalier/data'
import * as tf from '../engine/tf.js'

let seed = 42
let drawn = 0

/**
 * Fixes the weights of the modules made from here on (fastai's `set_seed`): the n-th weight made after the same
 * seed is always the same.
 */
export function setSeed(value: number): void {
  seed = value
  drawn = 0
}

/** Makes modules with the weights of a seed, and leaves the running sequence as it was. */
export function withSeed<T>(value: number, make: () => T): T {
  const before = [seed, drawn] as const
  setSeed(value)
  try {
    return make()
  } finally {
    ;[seed, drawn] = before
  }
}

let empty = false

/**
 * Makes modules whose weights are about to be loaded: zeros, which cost no draws. Where `make` takes a while, all that is
 * made until it is done has no draws either.
 */
export function withoutInit<T>(make: () => T): T {
  const before = empty
  const restore = () => {
    empty = before
  }
  empty = true
  let made: T | undefined
  try {
    made = make()
    return made instanceof Promise ? (made.finally(restore) as T) : made
  } finally {
    if (!(made instanceof Promise)) restore()
  }
}

/** Fills a new tensor from the next stream of draws. */
function filled<R extends tf.Rank>(shape: readonly number[], draw: (random: Random) => number): tf.Tensor<R> {
  if (empty) return tf.zeros<R>([...shape] as tf.ShapeMap[R])
  const random = new Random(seed, 'init', drawn++)
  const values = new Float32Array(sizeOf(shape))
  for (let i = 0; i < values.length; i++) values[i] = draw(random)
  return tf.tensor<R>(values, [...shape] as tf.ShapeMap[R])
}

/** How many inputs one output of a weight sums over: all axes but the last (ours are input-major). */
export function fanIn(shape: readonly number[]): number {
  return sizeOf(shape.slice(0, -1))
}

/** How many outputs one input reaches. */
export function fanOut(shape: readonly number[]): number {
  return sizeOf(shape) / shape.at(-2)!
}

/** Uniform in ±bound. */
export function uniform<R extends tf.Rank>(shape: readonly number[], bound: number): tf.Tensor<R> {
  return filled(shape, (random) => random.uniform(-bound, bound))
}

/** Normal with mean 0 and the given deviation. */
export function normal<R extends tf.Rank>(shape: readonly number[], std: number): tf.Tensor<R> {
  return filled(shape, (random) => std * random.normal())
}

/** torch's default for linear and convolution weights: uniform ±1/√fanIn. */
export function torchDefault<R extends tf.Rank>(shape: readonly number[], fan = fanIn(shape)): tf.Tensor<R> {
  return uniform(shape, 1 / Math.sqrt(fan))
}

/** He et al. 2015 with normal draws, std √(2 / fan); fan-in unless told otherwise. */
export function kaimingNormal<R extends tf.Rank>(shape: readonly number[], fan = fanIn(shape)): tf.Tensor<R> {
  return normal(shape, Math.sqrt(2 / fan))
}

/** He et al. 2015 with uniform draws, bound √(6 / fan). */
export function kaimingUniform<R extends tf.Rank>(
  shape: readonly number[],
  fan = fanIn(shape),
): tf.Tensor<R> {
  return uniform(shape, Math.sqrt(6 / fan))
}

/** Glorot & Bengio 2010, uniform ±√(6 / (fanIn + fanOut)). */
export function xavierUniform<R extends tf.Rank>(shape: readonly number[]): tf.Tensor<R> {
  return uniform(shape, Math.sqrt(6 / (fanIn(shape) + fanOut(shape))))
}
