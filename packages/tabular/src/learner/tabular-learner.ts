import { Learner, type LearnerOptions, learnerOptionNames, useEngine, withSeed } from '@espalier/core'
import { checkOptions, describe, EspalierError } from '@espalier/data'
import { getEmbSz } from '../data/emb-sz.js'
import { TabularDataLoaders } from '../data/tabular-data-loaders.js'
import { TabularModel, type TabularModelConfig } from '../models/tabular-model.js'

/** The options of the model and of the learner together. */
export interface TabularLearnerOptions extends LearnerOptions<TabularModel> {
  /** The sizes of the hidden layers. Default [200, 100]. */
  readonly layers?: readonly number[]
  /** Sizes of the embeddings of some columns, in place of the usual ones. */
  readonly embSzs?: Readonly<Record<string, number>>
  /** Dropout, norms and activation of the model. */
  readonly config?: Omit<TabularModelConfig, 'yRange'>
  /** Default: as many as the target of the data needs. */
  readonly nOut?: number
  /** Bounds that a sigmoid keeps predicted numbers between; the upper one a little above the largest. */
  readonly yRange?: readonly [low: number, high: number]
}

/**
 * A learner for the rows of a table (fastai's `tabular_learner`). What it minimizes follows from the target: numbers by
 * the squared error, classes and labels by cross-entropy.
 *
 * @example
 * using learn = await tabularLearner(dls, { layers: [200, 100], metrics: [accuracy] })
 * await learn.fitOneCycle(3)
 */
export async function tabularLearner<P>(
  dls: TabularDataLoaders<P>,
  options: TabularLearnerOptions = {},
): Promise<Learner<TabularModel, P>> {
  checkTabular(dls)
  checkOptions('tabularLearner', options, optionNames)
  const { layers = [200, 100], embSzs, config, nOut = dls.c, yRange, ...rest } = options
  const sizes = {
    embSzs: getEmbSz(dls, embSzs),
    nCont: dls.contNames.length,
    outSz: nOut,
    layers,
    ...config,
    ...(yRange && { yRange }),
  }
  await useEngine()
  const seed = options.seed ?? dls.train.options.seed
  const model = withSeed(seed, () => new TabularModel(sizes))
  try {
    return new Learner<TabularModel, P>(dls, model, rest)
  } catch (error) {
    model[Symbol.dispose]()
    throw error
  }
}

/** Throws unless these are loaders of a table. */
export function checkTabular(dls: unknown): asserts dls is TabularDataLoaders {
  if (dls instanceof TabularDataLoaders) return
  throw new EspalierError(
    'tabular/loaders',
    `a learner for tables needs loaders of a table, got ${describe(dls)}`,
    {
      fix:
        dls instanceof Promise
          ? 'await them: const dls = await TabularDataLoaders.fromCsv(…)'
          : 'make them with TabularDataLoaders.fromCsv or fromFrame',
    },
  )
}

const optionNames = ['layers', 'embSzs', 'config', 'nOut', 'yRange', ...learnerOptionNames]
