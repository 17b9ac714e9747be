import { dropFactors, type Embedding, Module, noGrad, tf } from '@espalier/core'
import { embed, readHost } from '@espalier/core/kernels'
import { checkProbability } from './check-probability.js'

/**
 * An embedding that forgets whole words (Gal & Ghahramani 2016, fastai's `EmbeddingDropout`): in training each row of
 * the table is dropped with probability `embedP` wherever its word occurs in the batch. Padding has no gradient.
 */
export class EmbeddingDropout extends Module<[tf.Tensor2D], tf.Tensor3D> {
  constructor(
    readonly emb: Embedding,
    readonly embedP: number,
    /** The id whose row learns nothing from being looked up. */
    readonly padToken = 1,
  ) {
    super()
    checkProbability('EmbeddingDropout', embedP)
  }

  forward(words: tf.Tensor2D): tf.Tensor3D {
    const { emb, embedP, padToken } = this
    const rows = embed(emb.weight, words) as tf.Tensor3D
    const learning = withoutGradient(rows, words, padToken)
    if (!this.training || embedP === 0) return learning
    const ofWord = dropFactors([emb.nEmbeddings], embedP)
    const kept = Float32Array.from(readHost(words), (word) => ofWord[word]!)
    return tf.mul(learning, tf.tensor3d(kept, [...words.shape, 1]))
  }
}

/** The same numbers; those of `pad` are constants to the gradient. */
function withoutGradient(rows: tf.Tensor3D, words: tf.Tensor2D, pad: number): tf.Tensor3D {
  const ids = readHost(words)
  if (!ids.includes(pad as never)) return rows
  const real = Float32Array.from(ids, (id) => (id === pad ? 0 : 1))
  const mask = tf.tensor3d(real, [...words.shape, 1])
  const constant = noGrad(() => tf.mul(rows, tf.sub(1, mask)))
  return tf.add(tf.mul(rows, mask), constant)
}
