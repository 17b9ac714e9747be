import type * as tf from '../engine/tf.js'

const few = 4096

/** Whether a tensor is so small that plain loops are quicker than calls of an engine. */
export function isFew({ size }: tf.Tensor): boolean {
  return size <= few
}
