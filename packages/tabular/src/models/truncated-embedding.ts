import { Embedding, normal, tf, withoutInit } from '@espalier/core'

/**
 * An embedding that begins as fastai's does: normal draws, folded into ±2 deviations by a remainder that keeps the
 * sign, of deviation 0.01.
 */
export function truncatedEmbedding(n: number, dims: number, std = 0.01): Embedding {
  const embedding = withoutInit(() => new Embedding(n, dims))
  tf.tidy(() => {
    const drawn = normal<tf.Rank.R2>([n, dims], 1).dataSync()
    embedding.weight.assign(
      tf.tensor2d(
        drawn.map((v) => (v % 2) * std),
        [n, dims],
      ),
    )
  })
  return embedding
}
