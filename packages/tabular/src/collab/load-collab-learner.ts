import type { BundleSource } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { TabularDataLoaders } from '../data/tabular-data-loaders.js'
import { loadLearner } from '../learner/load-learner.js'
import { EmbeddingDotBias } from '../models/embedding-dot-bias.js'
import { EmbeddingNN } from '../models/embedding-nn.js'
import { CollabLearner } from './collab-learner.js'

/**
 * Opens what `export` of a learner of ratings wrote, ready to recommend. Ratings are not exported: give what a user has
 * seen as `exclude`.
 *
 * @example
 * using rec = await loadCollabLearner('films')
 * rec.recommend(42, { k: 5, exclude: [1, 50] })
 */
export async function loadCollabLearner(source: BundleSource): Promise<CollabLearner> {
  const learn = await loadLearner<number>(source)
  const { model, lossFunc } = learn
  if (model instanceof EmbeddingDotBias || model instanceof EmbeddingNN) {
    return new CollabLearner(TabularDataLoaders.from(learn.dls), model, { lossFunc, verbose: false })
  }
  learn[Symbol.dispose]()
  throw new EspalierError('collab/model', `this is a ${model.kind}, not a model of ratings`, {
    fix: 'open it with loadLearner',
  })
}
