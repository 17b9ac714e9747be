import { dropFactors, type Embedding, Module, type tf } from '@espalier/core'
import { embedDropped, readHost } from '@espalier/core/kernels'
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
    const drops = this.training && embedP > 0
    return embedDropped(emb.weight, words, {
      ...(drops && { kept: keptWords(words, emb.nEmbeddings, embedP) }),
      scale: drops && embedP < 1 ? 1 / (1 - embedP) : 1,
      padIdx: padToken,
    }) as tf.Tensor3D
  }
}

/** For each word of a batch 1, or 0 where its row of the table is dropped. */
function keptWords(words: tf.Tensor2D, n: number, p: number): Float32Array {
  const ofWord = dropFactors([n], p)
  const ids = readHost(words)
  const kept = new Float32Array(ids.length)
  for (let i = 0; i < kept.length; i++) kept[i] = ofWord[ids[i]!]! === 0 ? 0 : 1
  return kept
}
