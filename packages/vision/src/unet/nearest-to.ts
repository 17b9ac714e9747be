import { tf } from '@espalier/core'
import { resizeNearest } from '@espalier/core/kernels'

/**
 * Brings feature maps to a height and width by repeating or leaving out pixels. One row or column less, which is what
 * odd sizes need, is the last one left out: a view costs less than a resize, and is the same.
 */
export function nearestTo(x: tf.Tensor4D, [height, width]: readonly [number, number]): tf.Tensor4D {
  const [b, h, w, c] = x.shape
  if (h === height && w === width) return x
  const trims = [h - height, w - width].every((less) => less === 0 || less === 1)
  return trims && height > 0 && width > 0
    ? tf.slice(x, [0, 0, 0, 0], [b, height, width, c])
    : resizeNearest(x, [height, width])
}
