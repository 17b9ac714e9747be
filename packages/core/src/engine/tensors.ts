import { type NdArray, ndArray } from '@espalier/data'
import { share } from './share.js'
import * as tf from './tf.js'

/**
 * The tensor of an array. Bytes become float32 (pixels, 0 … 255), except those of a mask, which are classes and
 * become int32.
 */
export function toTensor({ data, shape, dtype, kind }: NdArray): tf.Tensor {
  if (dtype === 'uint8' && kind !== 'mask') return tf.tensor(Float32Array.from(data), [...shape], 'float32')
  return tf.tensor(
    dtype === 'uint8' ? Int32Array.from(data) : data,
    [...shape],
    dtype === 'uint8' ? 'int32' : dtype,
  )
}

/** The numbers of a tensor as an array of its own. */
export function toArray(tensor: tf.Tensor, kind?: string): NdArray {
  const dtype = tensor.dtype === 'int32' || tensor.dtype === 'bool' ? tensor.dtype : 'float32'
  return ndArray(dtype, tensor.shape, tensor.dataSync<'float32'>(), kind)
}

/** What a variable holds now, to be put back later: its numbers are shared until the variable changes. Dispose it. */
export function heldValue(variable: tf.Variable): tf.Tensor {
  return share(variable as tf.Tensor)
}
