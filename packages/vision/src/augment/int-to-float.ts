import { type TensorTransform, tensorTransform, tf } from '@espalier/core'
import { type NdArray, ndArray } from '@espalier/data'

/** What pixels are divided by. */
export interface IntToFloatOptions {
  /** What pictures are divided by. Default 255. */
  readonly div?: number
  /** What class numbers of masks are divided by, down to whole numbers: 255 for masks of 0 and 255. Default 1. */
  readonly divMask?: number
}

/**
 * Bytes to numbers from 0 to 1, masks to class numbers (fastai's `IntToFloatTensor`, order 10). Undone, pictures
 * are bytes again; what is between two is cut off, as in fastai.
 */
export function intToFloat({ div = 255, divMask = 1 }: IntToFloatOptions = {}): TensorTransform {
  return tensorTransform({
    name: 'intToFloat',
    order: 10,
    toJSON: () => ({ div, divMask }),
    encode: (tensors, { kinds }) =>
      tensors.map((t, i) => {
        if (kinds[i] === 'image') return tf.div(tf.cast(t, 'float32'), div)
        if (kinds[i] !== 'mask') return t
        return divMask === 1
          ? tf.cast(t, 'int32')
          : tf.cast(tf.floor(tf.div(tf.cast(t, 'float32'), divMask)), 'int32')
      }),
    decode: (tensors, { kinds }) =>
      tensors.map((t, i) => (kinds[i] === 'image' ? tf.floor(tf.mul(tf.clipByValue(t, 0, 1), div)) : t)),
    decodeHost: (arrays: readonly NdArray[]) => arrays.map((a) => (a.kind === 'image' ? toBytes(a, div) : a)),
  })
}

function toBytes({ data, shape, kind }: NdArray, div: number): NdArray<'uint8'> {
  const bytes = Uint8Array.from(data, (v) => Math.trunc(Math.fround(Math.min(1, Math.max(0, v)) * div)))
  return ndArray('uint8', shape, bytes, kind)
}
