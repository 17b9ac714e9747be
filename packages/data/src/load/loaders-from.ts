import type { Card, Target } from '../blocks/block.js'
import { checkOptions } from '../check-options.js'
import type { Dataset } from '../datasets/dataset.js'
import { Datasets } from '../datasets/datasets.js'
import { EspalierError } from '../errors.js'
import type { BatchTransform } from '../transform/batch-transform.js'
import type { BeforeBatch } from '../transform/before-batch.js'
import type { ItemTransform } from '../transform/item-transform.js'
import type { Pipeline } from '../transform/pipeline.js'
import { DataLoader } from './data-loader.js'
import { type LoaderOptions, loaderOptionNames, trainingWeights } from './loader-options.js'
import { weightedDl } from './order.js'

/** How loaders are made of data sets. */
export interface FromDsetsOptions<Item = unknown, Prediction = unknown, Shown = unknown>
  extends LoaderOptions<Item> {
  readonly itemTfms?: readonly ItemTransform[]
  readonly beforeBatch?: readonly BeforeBatch[]
  readonly batchTfms?: readonly BatchTransform[]
  /** How many elements of a sample feed the model. Default: as the data sets say. */
  readonly nInp?: number
  /** How predictions are read. Default: the last target among the transforms. */
  readonly target?: Target<Prediction>
  /** Draws samples. Default: a table of text. */
  readonly render?: (cards: Promise<readonly Card[]>) => Shown
  /** What the elements of a sample are called in a table. */
  readonly names?: readonly string[]
}

const own = ['itemTfms', 'beforeBatch', 'batchTfms', 'nInp', 'target', 'render', 'names']

/** The loader of the first part, which trains, and those of the others, with the data sets they come from. */
export function loadersFrom<Item>(
  from: Datasets<Item> | readonly Dataset[],
  options: FromDsetsOptions<Item>,
): { readonly datasets: Datasets<Item>; readonly loaders: readonly DataLoader[] } {
  checkOptions('the loaders', options, [...loaderOptionNames, ...own])
  const { bs = 64, valBs = bs, seed = 42, shuffle = true, valShuffle = false, dropLast = shuffle } = options
  const { prefetch = 2, workers, itemTfms = [], beforeBatch = [], batchTfms = [] } = options
  const parts = from instanceof Datasets ? from.splits.map((_, i) => from.subset(i)) : from
  checkParts(parts)
  const datasets = from instanceof Datasets ? from : new Datasets<Item>([], [], [[], []], options.nInp ?? 1)
  const order = orderOf(from, options)
  if (dropLast && parts[0]!.length > 0 && parts[0]!.length < bs && !order) throw tooFew(bs, parts[0]!.length)
  const tfms = { itemTfms, beforeBatch, batchTfms }
  const shared = { ...tfms, nInp: options.nInp ?? datasets.nInp, seed, prefetch, workers }
  const loaders = parts.map((part, i) =>
    i === 0
      ? new DataLoader(part, { ...shared, bs, shuffle, dropLast, split: 0, ...(order && { order }) })
      : new DataLoader(part, { ...shared, bs: valBs, shuffle: valShuffle, dropLast: false, split: 1 }),
  )
  return { datasets, loaders }
}

function orderOf<Item>(
  from: Datasets<Item> | readonly Dataset[],
  { order, weights }: FromDsetsOptions<Item>,
): LoaderOptions['order'] {
  if (weights === undefined) return order
  if (order) {
    throw new EspalierError('loader/order', 'order and weights both say what an epoch has', {
      fix: 'give one of them',
    })
  }
  if (from instanceof Datasets) return weightedDl(trainingWeights(weights, from.items, from.splits[0]))
  throw new EspalierError('loader/weights', 'weights of items need data sets that were made of items', {
    fix: 'say order: weightedDl(weights), with a weight for each training sample',
  })
}

function checkParts(parts: readonly Dataset[]): void {
  if (Array.isArray(parts) && parts.length >= 2) return
  throw new EspalierError('loaders/parts', 'loaders are made of a training and a validation set', {
    fix: 'say DataLoaders.fromDsets([train, valid], { bs: 16 })',
  })
}

function tooFew(bs: number, n: number): EspalierError {
  return new EspalierError('block/bs', `a batch of ${bs} cannot be filled from ${n} training items`, {
    fix: `${n > 1 ? `use bs: ${2 ** Math.floor(Math.log2(n))} or` : 'use'} dropLast: false`,
  })
}

/** The target description among the transforms of a pipeline, if one of them is one. */
export function targetOf(pipeline: Pipeline<never> | undefined): Target | undefined {
  return pipeline?.transforms.findLast((t) => 'read' in t && 'c' in t) as Target | undefined
}
