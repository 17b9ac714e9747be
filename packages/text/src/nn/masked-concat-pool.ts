import { tf } from '@espalier/core'
import { embed, readHost } from '@espalier/core/kernels'

/**
 * The last output of each text beside the largest and the mean of all (fastai's `masked_concat_pool`): `[b, t, n]` and a
 * mask `[b, t]`, 1 where there is padding, → `[b, 3n]`. A text without any token gives zeros.
 *
 * `bptt` looks for the last output as fastai does, by how many of the last `bptt` places are padding: right where padding
 * in front comes in whole chunks that end where the text ends.
 */
export function maskedConcatPool(
  output: tf.Tensor3D,
  mask: tf.Tensor2D,
  { bptt }: { readonly bptt?: number } = {},
): tf.Tensor2D {
  const [b, t, n] = output.shape
  const padded = readHost(mask)
  const lens = new Float32Array(b)
  const lasts = new Int32Array(b)
  const from = bptt === undefined ? 0 : Math.max(0, t - bptt)
  for (let i = 0; i < b; i++) {
    let pads = 0
    for (let j = 0; j < t; j++) {
      if (padded[i * t + j]) pads += j >= from ? 1 : 0
      else {
        lens[i]!++
        if (bptt === undefined) lasts[i] = j
      }
    }
    if (bptt !== undefined) lasts[i] = Math.max(0, t - 1 - pads)
  }
  const real = tf.tensor3d(
    Float32Array.from(padded, (p) => (p ? 0 : 1)),
    [b, t, 1],
  )
  const mean = tf.div(
    tf.sum(tf.mul(output, real), 1),
    tf.tensor2d(
      lens.map((l) => l || 1),
      [b, 1],
    ),
  )
  const lowest = tf.tensor3d(
    Float32Array.from(padded, (p) => (p ? -lowestFloat : 0)),
    [b, t, 1],
  )
  const any = tf.tensor2d(
    lens.map((l) => (l ? 1 : 0)),
    [b, 1],
  )
  const max = tf.mul(tf.max(tf.add(tf.mul(output, real), lowest), 1), any)
  const last = tf.mul(rowsAt(output, lasts), any)
  return tf.reshape(tf.concat([last, max, mean], 1), [b, 3 * n])
}

const lowestFloat = 3e38

/** One step of each row: `[b, t, n]` → `[b, n]`. */
function rowsAt(output: tf.Tensor3D, steps: Int32Array): tf.Tensor2D {
  const [b, t, n] = output.shape
  const rows = tf.reshape<tf.Rank.R2>(output, [b * t, n])
  const places = tf.tensor1d(
    steps.map((step, i) => i * t + step),
    'int32',
  )
  return embed(rows, places) as tf.Tensor2D
}
