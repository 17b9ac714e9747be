import * as tf from '../engine/tf.js'
import { Module } from './module.js'

/** Repeats the pixels at the edges: `[b, h, w, c]` → `[b, top + h + bottom, left + w + right, c]`, sides in torch's order. */
export class ReplicationPad2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  constructor(readonly sides: readonly [left: number, right: number, top: number, bottom: number]) {
    super()
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const [left, right, top, bottom] = this.sides
    return repeated(repeated(x, 2, left, right), 1, top, bottom)
  }

  override describe(): string {
    return `(${this.sides.join(', ')})`
  }
}

/** Puts copies of the first and of the last place along an axis around it. */
function repeated(x: tf.Tensor4D, axis: 1 | 2, before: number, after: number): tf.Tensor4D {
  const edge = (at: number, n: number): tf.Tensor4D[] => {
    if (n === 0) return []
    const begin = [0, 0, 0, 0] as [number, number, number, number]
    const size = [...x.shape] as [number, number, number, number]
    begin[axis] = at
    size[axis] = 1
    return new Array<tf.Tensor4D>(n).fill(tf.slice(x, begin, size))
  }
  const parts = [...edge(0, before), x, ...edge(x.shape[axis] - 1, after)]
  return parts.length === 1 ? x : tf.concat(parts, axis)
}
