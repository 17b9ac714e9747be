import { type Callback, type Embedding, tf } from '@espalier/core'
import { EmbeddingDotBias } from '../models/embedding-dot-bias.js'
import type { TabularModel } from '../models/tabular-model.js'

/**
 * After a fit takes an unknown user, or an unknown item, for the average of those that are known: its row, which no
 * training row ever uses, becomes the mean of the others.
 */
export const coldStart: Callback = {
  name: 'coldStart',
  order: 60,
  afterFit({ learn }) {
    const model = learn.model as unknown as EmbeddingDotBias | TabularModel
    const tables =
      model instanceof EmbeddingDotBias
        ? [model.uWeight, model.iWeight, model.uBias, model.iBias]
        : model.embeds.tables.slice(0, 2)
    for (const table of tables) averageFirst(table)
  },
}

function averageFirst({ weight, nEmbeddings, nDim }: Embedding): void {
  if (nEmbeddings < 2) return
  tf.tidy(() => {
    const values = Float32Array.from(weight.dataSync())
    const sums = new Float64Array(nDim)
    for (let i = nDim; i < values.length; i++) sums[i % nDim]! += values[i]!
    for (let j = 0; j < nDim; j++) values[j] = sums[j]! / (nEmbeddings - 1)
    weight.assign(tf.tensor2d(values, [nEmbeddings, nDim]))
  })
}
