import type { EmbSz } from './embedding-list.js'
import { portableTabularModel } from './portable-tabular-model.js'
import { TabularModel, type TabularModelConfig } from './tabular-model.js'

/** The sizes and options of an {@link EmbeddingNN}. */
export interface EmbeddingNNOptions extends TabularModelConfig {
  readonly embSzs: readonly EmbSz[]
  readonly layers: readonly number[]
  /** Continuous columns of users and items beside the ids. Default 0. */
  readonly nCont?: number
}

/** A rating from the embeddings of user and item through hidden layers (fastai's `EmbeddingNN`). */
export class EmbeddingNN extends TabularModel {
  constructor({ nCont = 0, ...options }: EmbeddingNNOptions) {
    const all = { nCont, outSz: 1, ...options }
    super(all)
    this.portable = portableTabularModel('embeddingNN', all)
  }
}
