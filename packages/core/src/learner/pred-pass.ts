import { type Batch, type DataLoader, describe, EspalierError, type NdArray } from '@espalier/data'
import { toArray } from '../engine/tensors.js'
import type * as tf from '../engine/tf.js'
import type { Callback } from './callback.js'
import type { BatchEndState, FitState } from './events.js'
import type { Learner } from './learner.js'
import { Recorder } from './recorder.js'
import { onePass } from './validate.js'

/** What is brought back of a prediction. */
export interface KeptOptions {
  /** Also what the model was given, batch transforms applied. */
  readonly withInput?: boolean
  /** False leaves out the predictions as targets. */
  readonly withDecoded?: boolean
  /** Also the loss of each item. */
  readonly withLoss?: boolean
  /** False leaves out what the items really are. */
  readonly withTargs?: boolean
  /** True leaves out the activations: of a segmentation only the classes are kept, an axis less. */
  readonly decode?: boolean
  /** In place of the loss's activation: `(x) => x` gives what the model gave. */
  readonly act?: (pred: tf.Tensor) => tf.Tensor
}

/** What a pass brings back of one batch. */
export interface BatchRows {
  readonly preds?: NdArray
  readonly decoded?: NdArray
  readonly targets: readonly NdArray[]
  readonly inputs?: readonly NdArray[]
  readonly losses?: NdArray
}

/** How a loader is walked, and what for. */
export interface PassOptions extends KeptOptions {
  readonly cbs?: readonly Callback[] | undefined
  /** Where the draws of training transforms come from. Default 0. */
  readonly epoch?: number
}

/** Runs the model over a loader and hands over what it gives, a batch at a time: the next one waits for `take`. */
export async function predPass(
  learn: Learner,
  dl: DataLoader,
  options: PassOptions,
  take: (rows: BatchRows, batch: Batch) => Promise<void> | undefined,
): Promise<void> {
  await learn.prepare()
  let rows: BatchRows | undefined
  let own: FitState | undefined
  const gather: Callback = {
    name: 'gatherPreds',
    order: 55,
    // A callback may predict meanwhile: those batches are not ours.
    beforeValidate(s) {
      own ??= s
    },
    afterBatch(s) {
      if (s === own) rows = rowsOf(learn, s, options)
    },
  }
  const after = (batch: Batch) => {
    const given = rows
    rows = undefined
    return given && take(given, batch)
  }
  const { cbs = [], epoch = 0 } = options
  await learn.with({ recorder: new Recorder([]), cbs: [...cbs, gather], quiet: true }, () =>
    onePass(learn, dl, { epoch, after }),
  )
}

/** What is kept of a batch; nothing of one that was cancelled before the model ran. */
function rowsOf(
  { lossFunc }: Learner,
  { pred, x, y, batch }: BatchEndState,
  {
    act = lossFunc.activation,
    withInput,
    withDecoded = true,
    withLoss,
    withTargs = true,
    decode,
  }: KeptOptions,
): BatchRows | undefined {
  if (pred === undefined) return undefined
  checkRows(pred, batch.indices.length)
  const activated = act ? act(pred) : pred
  const kindOf = (i: number) => batch.arrays[i]?.kind
  return {
    ...(!decode && { preds: toArray(activated) }),
    ...((withDecoded || decode) && { decoded: toArray(lossFunc.decodes?.(activated) ?? activated) }),
    targets: withTargs ? y.map((t, i) => toArray(t, kindOf(batch.nInp + i))) : [],
    ...(withInput && { inputs: x.map((t, i) => toArray(t, kindOf(i))) }),
    ...(withLoss && { losses: toArray(lossesOf(lossFunc, pred, y)) }),
  }
}

function lossesOf({ perItem }: Learner['lossFunc'], pred: tf.Tensor, y: readonly tf.Tensor[]): tf.Tensor {
  if (perItem && y.length > 0) return perItem(pred, ...y)
  throw perItem
    ? new EspalierError('preds/no-target', 'the loss of each item needs targets, and these items have none', {
        fix: 'give labels: learn.dls.testDl(items, { withLabels: true })',
      })
    : new EspalierError('preds/per-item', 'this loss cannot be taken item by item', {
        fix: 'use a loss with perItem, such as crossEntropyLossFlat(), or add one: Object.assign(loss, { perItem })',
      })
}

function checkRows(pred: tf.Tensor, n: number): void {
  if (pred.shape[0] === n) return
  throw new EspalierError(
    'preds/rows',
    `the model gave [${pred.shape}] for a batch of ${n} items, which is no row for each`,
    { fix: `its output must begin with the axis of the batch: [${n}, …]` },
  )
}

/** Throws unless `act` is a function, and something is left to bring back. */
export function checkKept({ act, decode, withDecoded }: KeptOptions): void {
  if (act !== undefined && typeof act !== 'function') {
    throw new EspalierError('preds/act', `act must be a function of the predictions, got ${describe(act)}`, {
      fix: 'say act: (x) => tf.softmax(x), or act: (x) => x for what the model gave',
    })
  }
  if (decode && withDecoded === false) {
    throw new EspalierError(
      'preds/nothing',
      'decode leaves out the activations, withDecoded: false the rest',
      {
        fix: 'leave out one of them',
      },
    )
  }
}
