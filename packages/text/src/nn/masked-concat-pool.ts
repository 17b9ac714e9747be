import type { tf } from '@espalier/core'
import { readHost } from '@espalier/core/kernels'
import { pooledKernel, type TextPlaces } from './pooled-kernel.js'

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
  return pooledKernel({ output }, { places: placesOf(mask, bptt) })[0] as tf.Tensor2D
}

/** Where the tokens of each text are, and which of them is the last. */
function placesOf(mask: tf.Tensor2D, bptt: number | undefined): TextPlaces[] {
  const [b, t] = mask.shape
  const padded = readHost(mask)
  const from = bptt === undefined ? 0 : Math.max(0, t - bptt)
  return Array.from({ length: b }, (_, i) => {
    const steps: number[] = []
    for (let j = 0; j < t; j++) if (!padded[i * t + j]) steps.push(j)
    if (bptt === undefined) return { steps, last: steps.at(-1) ?? 0 }
    const pads = t - from - steps.filter((j) => j >= from).length
    return { steps, last: Math.max(0, t - 1 - pads) }
  })
}
