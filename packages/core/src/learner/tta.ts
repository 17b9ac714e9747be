import {
  type BatchTransform,
  type DataLoader,
  describeNumber,
  EspalierError,
  type ItemTransform,
  type NdArray,
  ndArray,
} from '@espalier/data'
import { toArray, toTensor } from '../engine/tensors.js'
import * as tf from '../engine/tf.js'
import { checkNumber } from './check-fit.js'
import { joined, type Predictions } from './get-preds.js'
import type { Learner } from './learner.js'
import { type BatchRows, predPass } from './pred-pass.js'
import { inOrder, loaderOf, type WhichItems } from './which-items.js'

/** How predictions of altered items are averaged. */
export interface TtaOptions extends WhichItems {
  /** How often each item is altered. Default 4. */
  readonly n?: number
  /** The weight of the plain prediction beside the average of the altered ones; null gives both. Default 0.25. */
  readonly beta?: number | null
  /** Takes the largest of all passes in place of the average. */
  readonly useMax?: boolean
  /** In place of the transforms of the loader. */
  readonly itemTfms?: readonly ItemTransform[]
  readonly batchTfms?: readonly BatchTransform[]
}

/** The items that were predicted, in the order of their data set. */
interface TtaItems {
  readonly targets: readonly NdArray[]
  readonly indices: readonly number[]
  readonly ids: readonly string[]
}

/** Averaged predictions; with `beta: null` the two they are averaged from. */
export type TtaPredictions<O extends TtaOptions = TtaOptions> = TtaItems &
  (O['beta'] extends null
    ? {
        /** The average, or the largest, of the altered items. */
        readonly augmented: NdArray
        /** The items as they are. */
        readonly plain: NdArray
      }
    : {
        /** Activated, then averaged: `[n, …]`. */
        readonly preds: NdArray
        /** The averages as targets. */
        readonly decoded: NdArray
      })

/**
 * Test-time augmentation (fastai's `tta`): predicts each item `n` times as the training transforms alter it and once as
 * it is, and averages what the loss's activation makes of it: `augmented + beta · (plain − augmented)`. The draws
 * depend on seed, pass and item alone, and are never those of a training epoch.
 *
 * @example
 * const { preds, decoded, ids } = await learn.tta({ n: 8 })
 */
export function tta<const O extends TtaOptions = TtaOptions>(
  learn: Learner,
  options?: O,
): Promise<TtaPredictions<O>> {
  return learn.usage.hold('a prediction', () => averaged(learn, options ?? {}), { reads: true }) as Promise<
    TtaPredictions<O>
  >
}

async function averaged(
  learn: Learner,
  { n = 4, beta = 0.25, useMax = false, itemTfms, batchTfms, ...which }: TtaOptions,
): Promise<unknown> {
  checkPasses(n)
  if (beta !== null) checkNumber('beta', beta, { most: 1 })
  const given = loaderOf(learn, which)
  const dl =
    itemTfms || batchTfms
      ? given.with({ ...(itemTfms && { itemTfms }), ...(batchTfms && { batchTfms }) })
      : given
  const { preds: plain, targets, indices, ids } = await onePassOf(learn, inOrder(dl), 0)
  const altered = dl.with({ shuffle: false, dropLast: false, split: 0 })
  const total = new Float32Array(plain.data.length)
  if (useMax) total.fill(Number.NEGATIVE_INFINITY)
  for (let pass = 0; pass < n; pass++) {
    // Training counts its epochs from 0 up.
    const { preds, ids: others } = await onePassOf(learn, altered, -1 - pass)
    checkSame(plain, preds, ids, others)
    for (const [i, v] of preds.data.entries()) total[i] = useMax ? Math.max(total[i]!, v) : total[i]! + v
  }
  const augmented = like(plain, useMax ? total : total.map((sum) => sum / n))
  const items = { targets, indices, ids }
  if (beta === null) return { ...items, augmented, plain }
  const preds = like(
    plain,
    augmented.data.map((a, i) => {
      const p = plain.data[i]!
      return useMax ? Math.max(a, p) : a + beta * (p - a)
    }),
  )
  const { decodes } = learn.lossFunc
  return { ...items, preds, decoded: decodes ? decodedBy(decodes, preds) : preds }
}

function decodedBy(decodes: (activated: tf.Tensor) => tf.Tensor, preds: NdArray): NdArray {
  let decoded = preds
  tf.tidy(() => {
    decoded = toArray(decodes(toTensor(preds)))
  })
  return decoded
}

/** The activated predictions of a loader, whose training transforms draw from an epoch. */
async function onePassOf(learn: Learner, dl: DataLoader, epoch: number): Promise<Predictions<object>> {
  const batches: BatchRows[] = []
  const indices: number[] = []
  await predPass(learn, dl, { withDecoded: false, epoch }, (rows, { arrays, nInp, indices: those }) => {
    checkFlat(rows.preds!, arrays[nInp]?.kind)
    batches.push(rows)
    indices.push(...those)
    return undefined
  })
  return joined(batches, indices, dl)
}

function like({ shape }: NdArray, data: NdArray['data']): NdArray<'float32'> {
  return ndArray('float32', shape, Float32Array.from(data))
}

/** What lies in the plane of a picture moves with it, and would have to be moved back before it is averaged. */
function checkFlat({ shape }: NdArray, kind = ''): void {
  if (shape.length <= 3 && !['mask', 'image', 'points'].includes(kind)) return
  throw new EspalierError(
    'tta/spatial',
    `predictions [${shape}]${kind && ` of kind '${kind}'`} lie in the plane of the picture, which the training transforms turn and cut`,
    { fix: 'average predictions of the whole picture, such as classes; for these use getPreds' },
  )
}

function checkPasses(n: number): void {
  if (Number.isInteger(n) && n >= 1) return
  throw new EspalierError('tta/n', `n must be a whole number ≥ 1, got ${describeNumber(n)}`, {
    fix: 'say learn.tta({ n: 4 })',
  })
}

/** Every pass must have read the same items, and the model must have given as much for them. */
function checkSame(plain: NdArray, preds: NdArray, ids: readonly string[], others: readonly string[]): void {
  const odd = missing(ids, others) ?? missing(others, ids)
  if (odd === undefined && String(plain.shape) === String(preds.shape)) return
  throw new EspalierError(
    'tta/passes',
    odd === undefined
      ? `the passes gave predictions of different shapes: [${plain.shape}] and [${preds.shape}]`
      : `${odd} could be read in one pass and not in another`,
    { fix: 'make the training transforms give what the model takes, and the same items every time' },
  )
}

function missing(ids: readonly string[], among: readonly string[]): string | undefined {
  const there = new Set(among)
  return ids.find((id) => !there.has(id))
}
