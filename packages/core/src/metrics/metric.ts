import { describe, EspalierError, type Json, reasonOf } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { weightedMean } from './weighted-mean.js'

/** What a metric sees of a batch. */
export interface MetricInput {
  readonly pred: tf.Tensor
  readonly targets: readonly tf.Tensor[]
  /** The batch's loss, as logged. */
  readonly loss: number
  /** Rows of the batch. */
  readonly bs: number
}

/** A number over an epoch, built up batch by batch. */
export interface Metric {
  /** The column's title. */
  readonly name: string
  reset(): void
  accumulate(input: MetricInput): void
  /** Undefined where the epoch had nothing to measure. */
  value(): number | undefined
  /** What was accumulated so far, for a checkpoint in the middle of an epoch. */
  saveState?(): Json
  /** Takes back what `saveState` gave. */
  loadState?(saved: Json): void
}

/** A metric of one batch: the mean over its rows. */
export type MetricFunc = (pred: tf.Tensor, ...targets: tf.Tensor[]) => tf.Tensor | number

/** What the predictions that a metric sees are: what models give, or what has been through a softmax or sigmoid. */
export type PredictionKind = 'logits' | 'probabilities'

/** What all metrics can be told. */
export interface MetricOptions {
  /** The title of the column, and the name in what `validate` gives. Default: fastai's. */
  readonly name?: string
}

/** Averages a function of a batch over an epoch, each batch weighing as many rows as it has (fastai's `AvgMetric`). */
export function avgMetric(func: MetricFunc, name = columnName(func.name)): Metric {
  return weightedMean({
    name,
    float32: true,
    measure: ({ pred, targets, bs }) => ({
      value: numberOf(name, measured(name, func, pred, targets), func.name),
      weight: bs,
    }),
  })
}

function measured(name: string, func: MetricFunc, pred: tf.Tensor, targets: readonly tf.Tensor[]): unknown {
  try {
    return func(pred, ...targets)
  } catch (error) {
    if (error instanceof EspalierError) throw error
    throw new EspalierError(
      'metric/failed',
      `${titled(name)} failed on predictions [${pred.shape}] and targets ${targets.map((t) => `[${t.shape}]`).join(', ')}: ${reasonOf(error)}`,
      { cause: error },
    )
  }
}

function titled(name: string): string {
  return name ? `the metric '${name}'` : 'a metric without a name'
}

function numberOf(name: string, value: unknown, func: string): number {
  if (typeof value === 'number') return value
  if (value instanceof tf.Tensor && value.size === 1) return value.dataSync()[0]!
  const got = value instanceof tf.Tensor ? `[${value.shape}]` : describe(value)
  throw new EspalierError('metric/value', `${titled(name)} returned ${got}, expected a number or a scalar`, {
    fix:
      value instanceof Promise
        ? 'make it a plain function'
        : isUncalled(value)
          ? callIt(func)
          : 'end it with tf.mean',
  })
}

/** Whether what a metric gave is itself one: then it was meant to be called. */
function isUncalled(given: unknown): boolean {
  return typeof given === 'function' || (typeof given === 'object' && given !== null && 'accumulate' in given)
}

const callIt = (func: string) => `call it: metrics: [${func}()]`

/** The mean loss over an epoch. */
export function avgLoss(): Metric {
  return weightedMean({
    name: 'loss',
    float32: true,
    measure: ({ loss, bs }) => ({ value: loss, weight: bs }),
  })
}

/** A metric as it is, a function as the average it stands for. */
export function asMetric(metric: Metric | MetricFunc): Metric {
  if (typeof metric !== 'function') return metric
  const made = avgMetric(metric)
  if (metric.length > 0 || !makesMetric(metric)) return made
  throw new EspalierError('metric/value', `${titled(made.name)} is a function that makes it`, {
    fix: callIt(metric.name),
  })
}

/** Whether a function that takes nothing gives a metric. */
function makesMetric(func: MetricFunc): boolean {
  try {
    const given: unknown = (func as () => unknown)()
    if (given instanceof tf.Tensor) given.dispose()
    return isUncalled(given)
  } catch {
    return false
  }
}

/** `errorRate` → `error_rate`: the title of a column, as in fastai's table. */
function columnName(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)
}
