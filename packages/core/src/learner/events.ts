import type { Batch, DataLoader } from '@espalier/data'
import type * as tf from '../engine/tf.js'
import type { Loss } from '../losses/loss.js'
import type { Learner } from './learner.js'

/** What is known all through a fit. */
export interface FitState {
  readonly learn: Learner
  /** What this fit is called: `fitOneCycle`, `fineTune frozen`. */
  readonly phase: string
  readonly nEpoch: number
  /** The epoch of this fit, from 0. */
  readonly epoch: number
  /** False while validating. */
  readonly training: boolean
  /** Training batches done in this fit. */
  readonly trainIter: number
  /** The fraction of the fit that is done. */
  readonly pctTrain: number
}

/** What is known while a loader is walked. */
export interface LoopState extends FitState {
  readonly dl: DataLoader
  readonly nIter: number
}

/** What is known of a batch; `x` and `y` may be replaced before the model runs. Tensors live until the batch is over. */
export interface BatchState extends LoopState {
  /** The batch's number in its epoch, from 0. */
  readonly iter: number
  readonly batch: Batch
  x: readonly tf.Tensor[]
  y: readonly tf.Tensor[]
  /** The loss of this batch: the learner's, unless `beforeBatch` or `afterPred` puts another in its place. */
  lossFunc: Loss
}

/** Once the model has run. */
export interface PredState extends BatchState {
  pred: tf.Tensor
}

/** Once the loss is known. */
export interface LossState extends PredState {
  /** What is logged: the loss as the loss function gave it. */
  readonly loss: number
  /** What is differentiated; `afterLoss` may add to it. */
  lossGrad: tf.Tensor
}

/** Once the gradients are known. */
export interface GradState extends LossState {
  grads: Map<tf.Variable, tf.Tensor>
}

/** When a batch is over; one that was cancelled lacks what it did not get to. */
export interface BatchEndState extends BatchState {
  readonly pred?: tf.Tensor
  readonly loss?: number
  readonly lossGrad?: tf.Tensor
}

type Sync<S> = (state: S) => void
type Async<S> = (state: S) => void | Promise<void>

/**
 * The events of a fit in the order they fire, fastai's names camelCased. Those of a batch are synchronous: they run
 * in the scope of its step.
 */
export interface Events {
  beforeFit: Async<FitState>
  beforeEpoch: Async<FitState>
  beforeTrain: Async<FitState>
  beforeBatch: Sync<BatchState>
  afterPred: Sync<PredState>
  afterLoss: Sync<LossState>
  beforeBackward: Sync<LossState>
  afterCancelBackward: Sync<LossState>
  afterBackward: Sync<GradState>
  beforeStep: Sync<GradState>
  afterCancelStep: Sync<GradState>
  afterStep: Sync<GradState>
  afterCancelBatch: Sync<BatchState>
  afterBatch: Sync<BatchEndState>
  afterCancelTrain: Async<FitState>
  afterTrain: Async<FitState>
  beforeValidate: Async<FitState>
  afterCancelValidate: Async<FitState>
  afterValidate: Async<FitState>
  afterCancelEpoch: Async<FitState>
  afterEpoch: Async<FitState>
  afterCancelFit: Async<FitState>
  afterFit: Async<FitState>
}
/** The name of an event. */
export type EventName = keyof Events

/** The events of the inner loop: a callback may sit them out while training or while validating. */
export const batchEvents: ReadonlySet<EventName> = new Set<EventName>([
  'beforeBatch',
  'afterPred',
  'afterLoss',
  'beforeBackward',
  'afterCancelBackward',
  'afterBackward',
  'beforeStep',
  'afterCancelStep',
  'afterStep',
  'afterCancelBatch',
  'afterBatch',
])
