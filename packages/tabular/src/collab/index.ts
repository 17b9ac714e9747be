/**
 * Recommendations: models of users, items and ratings.
 * @module
 */

export { type DotBiasOptions, EmbeddingDotBias } from '../models/embedding-dot-bias.js'
export { EmbeddingNN, type EmbeddingNNOptions } from '../models/embedding-nn.js'
export {
  CollabLearner,
  type CollabLearnerOptions,
  type CollabModel,
  collabLearner,
  type SideOptions,
} from './collab-learner.js'
export { CollabDataLoaders, type CollabOptions } from './data.js'
export type { EmbeddingMapOptions } from './embedding-map.js'
export type { IdOf } from './ids.js'
export { loadCollabLearner } from './load-collab-learner.js'
export type { Recommendation, RecommendOptions } from './recommend.js'
export type { SimilarItem } from './similar-items.js'
