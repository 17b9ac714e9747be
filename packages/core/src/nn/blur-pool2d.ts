import * as tf from '../engine/tf.js'
import { avgPool2d } from '../kernels/pool2d.js'
import { Module } from './module.js'

/**
 * Blurs by (1, 2, 1) / 4 along both axes before it takes every `stride`-th place, so that a picture that is shifted by
 * a pixel gives nearly the same (Zhang 2019): `[b, h, w, c]` → `[b, ⌈h/stride⌉, ⌈w/stride⌉, c]`.
 */
export class BlurPool2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  constructor(readonly stride = 2) {
    super()
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    // Twice the mean of two neighbours is (1, 2, 1) / 4.
    return avgPool2d(avgPool2d(mirrored(mirrored(x, 1), 2), 2, { stride: 1 }), 2, { stride: this.stride })
  }

  override describe(): string {
    return `stride=${this.stride}`
  }
}

/** One more place at each end of an axis, as a mirror at the edge shows it. */
function mirrored(x: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const n = x.shape[axis]
  const place = (at: number) => {
    const begin = [0, 0, 0, 0] as [number, number, number, number]
    const size = [...x.shape] as [number, number, number, number]
    begin[axis] = at
    size[axis] = 1
    return tf.slice(x, begin, size)
  }
  return tf.concat([place(Math.min(1, n - 1)), x, place(Math.max(0, n - 2))], axis)
}
