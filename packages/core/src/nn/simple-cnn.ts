import { EspalierError } from '@espalier/data'
import type * as tf from '../engine/tf.js'
import { convLayer } from './conv-layer.js'
import { poolFlatten } from './pool-flatten.js'
import { Sequential } from './sequential.js'

/** fastai's options of a `SimpleCNN`: one of each for every convolution. */
export interface SimpleCnnOptions {
  /** Default 3. */
  readonly kernelSzs?: readonly number[]
  /** Default 2. */
  readonly strides?: readonly number[]
  /** Batch norm after every convolution but the last. Default true. */
  readonly bn?: boolean
}

/**
 * Convolutions one after the other, then the mean of each channel (fastai's `SimpleCNN`): `[b, h, w, filters[0]]` →
 * `[b, filters.at(-1)]`.
 *
 * @example
 * simpleCnn([3, 16, 32, 10]) // ten outputs
 */
export function simpleCnn(
  filters: readonly number[],
  options: SimpleCnnOptions = {},
): Sequential<[tf.Tensor4D], tf.Tensor2D> {
  const n = filters.length - 1
  const {
    kernelSzs = new Array<number>(n).fill(3),
    strides = new Array<number>(n).fill(2),
    bn = true,
  } = options
  if (n < 1 || kernelSzs.length !== n || strides.length !== n) {
    throw new EspalierError(
      'cnn/sizes',
      `simpleCnn: ${filters.length} filters need ${Math.max(n, 1)} kernels and strides, got [${kernelSzs}] and [${strides}]`,
      { fix: 'say simpleCnn([3, 16, 10]): channels of the picture first, outputs last' },
    )
  }
  const layers = kernelSzs.map((ks, i) =>
    convLayer(filters[i]!, filters[i + 1]!, {
      ks,
      stride: strides[i]!,
      normType: bn && i < n - 1 ? 'batch' : null,
    }),
  )
  return new Sequential([...layers, poolFlatten()], 'SimpleCNN')
}
