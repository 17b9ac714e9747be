import { tf } from '@espalier/core'
import { type NdArray, ndArray } from '@espalier/data'

export const height = 48
export const width = 64

/** Where a picture is marked: pixels whose mark stays in view whatever is done, columns and rows. */
export const places: readonly (readonly [number, number])[] = [
  [31, 23],
  [27, 26],
  [36, 20],
]

/** A black picture `[h, w, 1]` with a bright spot of 5 × 5 pixels around one. */
export function markedPicture([x, y]: readonly [number, number]): NdArray<'uint8'> {
  return ndArray(
    'uint8',
    [height, width, 1],
    spot(x, y, (d) => 255 / (1 + d)),
    'image',
  )
}

/** A mask of zeros with ones there. */
export function markedMask([x, y]: readonly [number, number]): NdArray<'uint8'> {
  return ndArray(
    'uint8',
    [height, width],
    spot(x, y, () => 1),
    'mask',
  )
}

function spot(x: number, y: number, value: (distance: number) => number): Uint8Array {
  const data = new Uint8Array(height * width)
  for (let dy = -2; dy <= 2; dy++) {
    for (let dx = -2; dx <= 2; dx++) data[(y + dy) * width + x + dx] = value(dx * dx + dy * dy)
  }
  return data
}

/** The middle of what is bright, from −1 to 1 as points are. */
export function middle(data: ArrayLike<number>, [h, w]: readonly number[]): readonly [number, number] {
  let [sum, sumX, sumY] = [0, 0, 0]
  for (let i = 0; i < data.length; i++) {
    sum += data[i]!
    sumX += data[i]! * ((i % w!) + 0.5)
    sumY += data[i]! * (Math.floor(i / w!) + 0.5)
  }
  return [(2 * sumX) / sum / w! - 1, (2 * sumY) / sum / h! - 1]
}

/** Pictures, masks and points of the places as a batch, each point in the middle of its pixel. */
export function markedBatch(at = places): [tf.Tensor4D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D] {
  const n = at.length
  const pictures = at.flatMap((p) => Array.from(markedPicture(p).data, (v) => v / 255))
  const masks = at.flatMap((p) => Array.from(markedMask(p).data))
  const points = at.map(([x, y]) => [(2 * x + 1) / width - 1, (2 * y + 1) / height - 1])
  const boxes = at.map(([x, y]) => {
    const [left, top, right, bottom] = [x - 2, y - 2, x + 3, y + 3]
    return [
      (2 * left) / width - 1,
      (2 * top) / height - 1,
      (2 * right) / width - 1,
      (2 * bottom) / height - 1,
    ]
  })
  return [
    tf.tensor4d(pictures, [n, height, width, 1]),
    tf.tensor3d(masks, [n, height, width], 'int32'),
    tf.tensor3d(points.flat(), [n, 1, 2]),
    tf.tensor3d(boxes.flat(), [n, 1, 4]),
  ]
}
