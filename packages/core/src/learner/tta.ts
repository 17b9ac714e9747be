import {
  type Batch,
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
import { AlteredBatches, broughtBack } from './tta-planes.js'
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
 * Predictions in the plane of a picture, such as masks `[n, h, w, c]`, are brought back to where they were before they are
 * averaged, each place over the passes that show it. Only batch transforms alter pictures there, and those of your own
 * that move them say how (`moves`).
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
  const usual = inOrder(dl)
  const { preds: plain, targets, indices, ids } = await onePassOf(learn, usual, 0)
  const plane = planeOf(plain)
  const altered = plane
    ? new AlteredBatches(usual.dataset, usual.options)
    : dl.with({ shuffle: false, dropLast: false, split: 0 })
  const mean = new Mean(plain, useMax, plane !== undefined)
  for (let pass = 0; pass < n; pass++) {
    // Training counts its epochs from 0 up.
    const { preds, ids: others } = await onePassOf(learn, altered, -1 - pass, plane)
    checkSame(plain, preds, ids, others, plane !== undefined)
    mean.add(preds)
  }
  const augmented = mean.result()
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

/** What passes gave, added up place by place; `marked` ones have a last channel that tells which places they show. */
class Mean {
  readonly #total: Float32Array
  readonly #shown: Float32Array

  constructor(
    readonly plain: NdArray,
    readonly useMax: boolean,
    readonly marked: boolean,
  ) {
    const n = plain.data.length
    this.#total = new Float32Array(n).fill(useMax ? Number.NEGATIVE_INFINITY : 0)
    this.#shown = new Float32Array(n)
  }

  add({ data, shape }: NdArray): void {
    const c = this.marked ? shape.at(-1)! - 1 : 1
    for (let i = 0; i < this.#total.length; i++) {
      const place = Math.floor(i / c) * (c + 1)
      if (this.marked && data[place + c] === 0) continue
      const v = data[this.marked ? place + (i % c) : i]!
      this.#total[i] = this.useMax ? Math.max(this.#total[i]!, v) : this.#total[i]! + v
      this.#shown[i]! += 1
    }
  }

  /** The averages, or the largest; what no pass shows is as it is. */
  result(): NdArray<'float32'> {
    return like(
      this.plain,
      this.#total.map((sum, i) => {
        const n = this.#shown[i]!
        return n === 0 ? this.plain.data[i]! : this.useMax ? sum : sum / n
      }),
    )
  }
}

/**
 * The activated predictions of a loader, whose training transforms draw from an epoch; those in the plane of pictures
 * that are altered are brought back to `plane`.
 */
async function onePassOf(
  learn: Learner,
  dl: DataLoader,
  epoch: number,
  plane?: readonly [number, number],
): Promise<Predictions<object>> {
  const batches: BatchRows[] = []
  const indices: number[] = []
  await predPass(learn, dl, { withDecoded: false, epoch }, (rows, batch) => {
    const { indices: those } = batch
    checkPlane(rows.preds!, batch)
    const preds = plane ? broughtBack(rows.preds!, plane, batch, dl.options.batchTfms) : rows.preds!
    batches.push({ ...rows, preds })
    indices.push(...those)
    return undefined
  })
  return joined(batches, indices, dl)
}

function like({ shape }: NdArray, data: NdArray['data']): NdArray<'float32'> {
  return ndArray('float32', shape, Float32Array.from(data))
}

/** Height and width of predictions in the plane of a picture, `[n, h, w, c]`; nothing for others. */
function planeOf({ shape }: NdArray): readonly [number, number] | undefined {
  return shape.length === 4 ? [shape[1]!, shape[2]!] : undefined
}

/** What lies in the plane of a picture moves with it, and must be moved back before it is averaged. */
function checkPlane({ shape }: NdArray, { arrays, nInp }: Batch): void {
  const kind = arrays[nInp]?.kind ?? ''
  const pictured = arrays.slice(0, nInp).some((a) => a.kind === 'image')
  if (
    (shape.length === 4 && pictured) ||
    (shape.length < 4 && !['mask', 'image', 'points', 'boxes'].includes(kind))
  )
    return
  throw new EspalierError(
    'tta/spatial',
    `predictions [${shape}]${kind && ` of kind '${kind}'`} lie in the plane of the picture, which the training transforms turn and cut`,
    {
      fix: 'average masks [n, h, w, c] or predictions of the whole picture, such as classes; for these use getPreds',
    },
  )
}

function checkPasses(n: number): void {
  if (Number.isInteger(n) && n >= 1) return
  throw new EspalierError('tta/n', `n must be a whole number ≥ 1, got ${describeNumber(n)}`, {
    fix: 'say learn.tta({ n: 4 })',
  })
}

/** Every pass must have read the same items, and the model must have given as much for them. */
function checkSame(
  plain: NdArray,
  preds: NdArray,
  ids: readonly string[],
  others: readonly string[],
  marked: boolean,
): void {
  const odd = missing(ids, others) ?? missing(others, ids)
  const shape = marked ? [...preds.shape.slice(0, -1), preds.shape.at(-1)! - 1] : preds.shape
  if (odd === undefined && String(plain.shape) === String(shape)) return
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
