import type * as tf from '../engine/tf.js'
import { Flatten } from './flatten.js'
import { AdaptiveAvgPool2d, AdaptiveConcatPool2d, AdaptiveMaxPool2d } from './pools.js'
import { Sequential } from './sequential.js'

/** What is kept of each channel of a map: its mean, its maximum, or both. */
export type PoolType = 'avg' | 'max' | 'cat'

const pools = { avg: AdaptiveAvgPool2d, max: AdaptiveMaxPool2d, cat: AdaptiveConcatPool2d }

/** A map as one row of numbers (fastai's `PoolFlatten`): `[b, h, w, c]` → `[b, c]`, `cat` `[b, 2c]`. */
export function poolFlatten(poolType: PoolType = 'avg'): Sequential<[tf.Tensor4D], tf.Tensor2D> {
  return new Sequential([new pools[poolType](1), new Flatten()], 'PoolFlatten')
}
