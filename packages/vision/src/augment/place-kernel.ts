import { tf } from '@espalier/core'
import { defineKernel, gridSampleGradKernel, hostCompute } from '@espalier/core/kernels'
import { centres, type PlaceAttrs, placePixels } from './place-pixels.js'

/**
 * Pictures `[b, h, w, c]` as their matrices see them: `[b, h', w', c]`. One pass over the pixels, without a grid in
 * between; plain loops, which reach the numbers of every engine in place, are faster here than its operations.
 */
export const placeKernel = defineKernel<{ x: tf.Tensor4D }, PlaceAttrs>({
  name: 'EspalierPlaceImages',
  compose({ x }, attrs) {
    const [b, , , c] = x.shape
    const { width, height } = attrs.size
    const dtype = x.dtype === 'int32' && attrs.mode === 'nearest' ? 'int32' : 'float32'
    return hostCompute([x], [{ shape: [b, height, width, c], dtype }], ([from], [to]) =>
      placePixels(from!, to!, x.shape, attrs),
    )
  },
  saves: { inputs: ['x'] },
  gradient: ([dy], [x], attrs) => ({
    x: () => {
      const { mode, padMode: padding, alignCorners } = attrs
      const inputs = { dy: dy as tf.Tensor4D, x: x as tf.Tensor4D, grid: gridOf(attrs) }
      return gridSampleGradKernel(inputs, { mode, padding, alignCorners })[0]!
    },
  }),
})

/** Where each pixel of the results is read: `[b, h', w', 2]`. */
function gridOf({ matrices, size: { width, height }, alignCorners }: PlaceAttrs): tf.Tensor4D {
  const places = new Float32Array(matrices.length * height * width * 2)
  const xs = centres(width, alignCorners)
  const ys = centres(height, alignCorners)
  let i = 0
  for (const [a, b, c, d, e, f, g, h, k] of matrices) {
    for (const y of ys) {
      for (const x of xs) {
        const depth = g * x + h * y + k
        places[i++] = (a * x + b * y + c) / depth
        places[i++] = (d * x + e * y + f) / depth
      }
    }
  }
  return tf.tensor4d(places, [matrices.length, height, width, 2])
}
