import { type NdArray, ndArray, type Target } from '@espalier/data'

/** A predicted picture. */
export interface ImagePrediction {
  /** Its bytes `[h, w, c]`: see `saveImage`. */
  readonly image: NdArray<'uint8'>
}

/**
 * A picture as what is to be predicted: as many outputs as it has channels; the default loss is the mean squared error.
 */
export function imageTarget(channels: number): Target<ImagePrediction> {
  return {
    c: channels,
    loss: 'mse',
    kind: 'image',
    read(bytes, shape = []) {
      const data = Uint8Array.from(bytes, (v) => Math.min(255, Math.max(0, v)))
      return { image: ndArray('uint8', shape, data, 'image') }
    },
  }
}
