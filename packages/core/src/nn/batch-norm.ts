import { repeat } from '../engine/recording.js'
import * as tf from '../engine/tf.js'
import { batchNormEval, batchNormTrain } from '../kernels/batch-norm.js'
import { updateRunningAverage } from '../kernels/running-average.js'
import { buffer, Module, param } from './module.js'
import type { Saved } from './saved.js'

/** Torch's options of a batch norm. */
export interface BatchNormOptions {
  readonly eps?: number
  /** How much of the new statistics goes into the running ones (torch's convention: 0.1, Keras's is 0.9). */
  readonly momentum?: number
  /** 1 for features, 2 for images: only the printed name depends on it. */
  readonly ndim?: 1 | 2
  /** What weight and bias start at; 1 and 0 as in torch. fastai's own layers use a bias of 1e-3. */
  readonly initial?: { readonly weight?: number; readonly bias?: number }
}

/**
 * Batch normalization over all axes but the last (Ioffe & Szegedy 2015), as torch does it: the batch's biased
 * variance normalizes, its unbiased one goes into the running average.
 */
export class BatchNorm extends Module<[tf.Tensor], tf.Tensor> {
  static readonly steady = true
  readonly weight: tf.Variable<tf.Rank.R1>
  readonly bias: tf.Variable<tf.Rank.R1>
  readonly runningMean: tf.Variable<tf.Rank.R1>
  readonly runningVar: tf.Variable<tf.Rank.R1>
  /** How many batches have gone into the running statistics (torch's `num_batches_tracked`). */
  batchesTracked = 0
  readonly eps: number
  readonly momentum: number
  readonly ndim: 1 | 2

  constructor(
    readonly nFeatures: number,
    { eps = 1e-5, momentum = 0.1, ndim = 2, initial = {} }: BatchNormOptions = {},
  ) {
    super()
    this.eps = eps
    this.momentum = momentum
    this.ndim = ndim
    this.weight = param(tf.fill<tf.Rank.R1>([nFeatures], initial.weight ?? 1))
    this.bias = param(tf.fill<tf.Rank.R1>([nFeatures], initial.bias ?? 0))
    this.runningMean = buffer(tf.zeros<tf.Rank.R1>([nFeatures]))
    this.runningVar = buffer(tf.ones<tf.Rank.R1>([nFeatures]))
  }

  override get kind(): string {
    return `BatchNorm${this.ndim}d`
  }

  forward<T extends tf.Tensor>(x: T): T {
    const { weight, bias, runningMean, runningVar, eps } = this
    if (!this.training) return batchNormEval(x, weight, bias, runningMean, runningVar, eps) as T
    const { y, mean, variance } = batchNormTrain(x, weight, bias, eps)
    updateRunningAverage(runningMean, mean, this.momentum)
    updateRunningAverage(runningVar, variance, this.momentum)
    repeat(() => this.batchesTracked++)
    return y as T
  }

  override saveState(): Saved {
    return { data: this.batchesTracked }
  }

  override loadState({ data }: Saved): void {
    this.batchesTracked = Number(data)
  }

  override describe(): string {
    const { nFeatures, eps, momentum } = this
    return `${nFeatures}, eps=${pythonFloat(eps)}, momentum=${pythonFloat(momentum)}, affine=True, bias=True, track_running_stats=True`
  }
}

/** A number as Python prints a float: `1e-05`, `0.0`. */
export function pythonFloat(v: number): string {
  if (v !== 0 && Math.abs(v) < 1e-4) return v.toExponential().replace(/e-(\d)$/, 'e-0$1')
  return Number.isInteger(v) ? v.toFixed(1) : String(v)
}
