import { type BatchInfo, tf } from '@espalier/core'

/** What a transform is told about a batch of these samples. */
export const info = (
  indices: readonly number[],
  { split = 0, epoch = 0, seed = 3, kinds = ['image'] } = {},
): BatchInfo => ({
  kinds,
  indices,
  place: { seed, epoch, split },
})

/** One image per index, each with pixels of its own. */
export function images(indices: readonly number[], [h, w] = [12, 16] as const): tf.Tensor4D {
  const values = indices.flatMap((index) =>
    Array.from({ length: h * w * 3 }, (_, i) => ((i * 37 + index * 101) % 97) / 97),
  )
  return tf.tensor4d(values, [indices.length, h, w, 3])
}
