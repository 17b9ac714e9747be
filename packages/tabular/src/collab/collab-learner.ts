import {
  type Figure,
  Learner,
  type LearnerOptions,
  learnerOptionNames,
  useEngine,
  withSeed,
} from '@espalier/core'
import { checkOptions, EspalierError, listed } from '@espalier/data'
import { getEmbSz } from '../data/emb-sz.js'
import type { TabularDataLoaders } from '../data/tabular-data-loaders.js'
import { checkTabular } from '../learner/tabular-learner.js'
import { EmbeddingDotBias } from '../models/embedding-dot-bias.js'
import { EmbeddingNN } from '../models/embedding-nn.js'
import type { TabularModelConfig } from '../models/tabular-model.js'
import { coldStart } from './cold-start.js'
import { type EmbeddingMapOptions, embeddingMap } from './embedding-map.js'
import { type IdOf, Ids, type Side } from './ids.js'
import { type Recommendation, type RecommendOptions, recommend } from './recommend.js'
import { type SimilarItem, similarItems } from './similar-items.js'

/** A model of ratings. */
export type CollabModel = EmbeddingDotBias | EmbeddingNN

/** Whose rows are meant: those of items, or of users. */
export interface SideOptions {
  /** False means users. Default true. */
  readonly isItem?: boolean
}

/** The options of the model and of the learner together. */
export interface CollabLearnerOptions extends LearnerOptions<CollabModel> {
  /** The length of the vectors. Default 50. */
  readonly nFactors?: number
  /** A network over the vectors in place of their product. Default false. */
  readonly useNn?: boolean
  /** Of a network: sizes of the embeddings of some columns, in place of the usual ones. */
  readonly embSzs?: Readonly<Record<string, number>>
  /** Of a network: the sizes of its hidden layers. Default one of `nFactors`. */
  readonly layers?: readonly number[]
  /** Of a network: dropout, norms and activation. */
  readonly config?: Omit<TabularModelConfig, 'yRange'>
  /** Bounds that a sigmoid keeps ratings between; the upper one a little above the best rating. */
  readonly yRange?: readonly [low: number, high: number]
  /** Columns beside the ids that say something about the user, and about the item: for a network. */
  readonly userColumns?: readonly string[]
  readonly itemColumns?: readonly string[]
  /**
   * What an id that no training row has is taken for: after each fit the average of all others, or what the untrained
   * row of `#na#` gives. Loaders with `unseen: 'error'` refuse it. Default `'mean'`.
   */
  readonly coldStart?: 'mean' | 'na'
}

/** A learner of ratings, and what can be asked of it. */
export class CollabLearner extends Learner<CollabModel, number> {
  readonly user: Ids
  readonly item: Ids

  constructor(
    readonly tables: TabularDataLoaders<number>,
    model: CollabModel,
    options: LearnerOptions<CollabModel> = {},
    /** Columns that go with the user and with the item. */
    readonly columns: Readonly<Record<Side, readonly string[]>> = { user: [], item: [] },
  ) {
    super(tables, model, options)
    this.user = new Ids(tables, 0, 'user')
    this.item = new Ids(tables, 1, 'item')
  }

  /** The items that a user would rate highest, without those that the user has rated: see {@link recommend}. */
  recommend(user: IdOf, options?: number | RecommendOptions): Recommendation[] {
    return recommend(this, user, options)
  }

  /** The items whose vectors point where that of an item does. */
  similarItems(item: IdOf, options?: number | { readonly k?: number }): SimilarItem[] {
    return similarItems(this, item, options)
  }

  /** The biases of items, or of users, by their ids: how well liked they are, whoever is asked. */
  bias(ids: readonly IdOf[], { isItem = true }: SideOptions = {}): number[] {
    const { model } = this
    if (!(model instanceof EmbeddingDotBias)) {
      throw new EspalierError('collab/bias', 'a network has no biases of users and items', {
        fix: 'use the product of vectors: useNn: false',
      })
    }
    const values = (isItem ? model.iBias : model.uBias).weight.dataSync()
    return this.#side(isItem)
      .codes(ids)
      .map((code) => values[code]!)
  }

  /** The vectors of items, or of users, by their ids. */
  weight(ids: readonly IdOf[], { isItem = true }: SideOptions = {}): number[][] {
    const { weight, nDim } = this.vectors(isItem ? 'item' : 'user')
    const values = weight.dataSync()
    return this.#side(isItem)
      .codes(ids)
      .map((code) => [...values.subarray(code * nDim, (code + 1) * nDim)])
  }

  /** Items, or users, as points: their vectors in the two directions in which they differ most. */
  embeddingMap(options?: EmbeddingMapOptions): Figure {
    return embeddingMap(this, options)
  }

  /** The embedding of users or items. */
  vectors(side: Side) {
    const { model } = this
    if (model instanceof EmbeddingDotBias) return side === 'item' ? model.iWeight : model.uWeight
    return model.embeds.tables[side === 'item' ? 1 : 0]!
  }

  #side(isItem: boolean): Ids {
    return isItem ? this.item : this.user
  }
}

/**
 * A learner of what users think of items (fastai's `collab_learner`): the product of two vectors and both biases, or a
 * network over them, which may also look at columns beside the ids.
 *
 * @example
 * using rec = await collabLearner(ratings, { nFactors: 50, yRange: [0.5, 5.5] })
 * await rec.fitOneCycle(5, 5e-3, { wd: 0.1 })
 * rec.recommend(42, 5)
 */
export async function collabLearner(
  dls: TabularDataLoaders<number>,
  options: CollabLearnerOptions = {},
): Promise<CollabLearner> {
  checkTabular(dls)
  checkOptions('collabLearner', options, optionNames)
  const {
    nFactors,
    useNn,
    embSzs,
    layers,
    config,
    yRange,
    userColumns = [],
    itemColumns = [],
    ...rest
  } = options
  const { coldStart: policy = 'mean', ...learning } = rest
  const columns = { user: userColumns, item: itemColumns }
  checkColumns(dls, columns, options)
  await useEngine()
  const seed = options.seed ?? dls.train.options.seed
  const model = withSeed(seed, () => modelFor(dls, options))
  const cbs = [...(policy === 'mean' ? [coldStart] : []), ...(learning.cbs ?? [])]
  try {
    return new CollabLearner(dls, model, { ...learning, cbs }, columns)
  } catch (error) {
    model[Symbol.dispose]()
    throw error
  }
}

function modelFor(dls: TabularDataLoaders<number>, options: CollabLearnerOptions): CollabModel {
  const { nFactors = 50, useNn = false, embSzs, layers = [nFactors], config, yRange } = options
  const range = yRange ? { yRange } : {}
  if (useNn) {
    return new EmbeddingNN({
      embSzs: getEmbSz(dls, embSzs),
      nCont: dls.contNames.length,
      layers,
      ...config,
      ...range,
    })
  }
  const [nUsers, nItems] = dls.catNames.map((name) => dls.classes[name]!.length) as [number, number]
  return new EmbeddingDotBias({ nFactors, nUsers, nItems, ...range })
}

/** Throws where columns are missing, or where the model cannot look at them. */
function checkColumns(
  { catNames, contNames }: TabularDataLoaders<number>,
  { user, item }: Readonly<Record<Side, readonly string[]>>,
  { useNn, embSzs, layers, config }: CollabLearnerOptions,
): void {
  if (catNames.length < 2) {
    throw new EspalierError(
      'collab/columns',
      `ratings need a user and an item, these loaders have ${listed(catNames)}`,
      {
        fix: 'make them with CollabDataLoaders, or name user and item first in catNames',
      },
    )
  }
  const others = [...catNames.slice(2), ...contNames]
  const stray = [...user, ...item].find((name) => !others.includes(name))
  if (stray !== undefined) {
    throw new EspalierError('collab/columns', `there is no column '${stray}' beside the ids`, {
      fix: `there are ${listed(others)}`,
    })
  }
  if (useNn) return
  const given = { embSzs, layers, config }
  const unused = Object.entries(given).find(([, value]) => value !== undefined)?.[0]
  if (others.length === 0 && unused === undefined) return
  throw new EspalierError(
    'collab/nn',
    unused === undefined
      ? `the product of two vectors cannot look at ${listed(others)}`
      : `${unused} shapes a network, and this is the product of two vectors`,
    { fix: 'say useNn: true' },
  )
}

const optionNames = [
  ...['nFactors', 'useNn', 'embSzs', 'layers', 'config', 'yRange', 'userColumns', 'itemColumns', 'coldStart'],
  ...learnerOptionNames,
]
