import { type DType, describe, EspalierError, type NdArray, ndArray, reasonOf } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { checkClasses, checkSizes, misfit, noTarget } from './flat-pair.js'
import type { Metric, MetricOptions } from './metric.js'
import { readOut } from './read-out.js'
import { Rows } from './rows.js'

/** A number of all predictions and targets of an epoch; undefined where they do not give one. */
export type AccumFunc = (preds: NdArray, targs: NdArray) => number | undefined

/** What becomes of predictions before they are kept: first the activation, then the class, then the threshold. */
export interface AccumOptions extends MetricOptions {
  /**
   * Takes logits to probabilities; `binarySoftmax` keeps those of the second of two classes, `lastClass` does where they
   * are probabilities already. Default none.
   */
  readonly activation?: 'none' | 'sigmoid' | 'softmax' | 'binarySoftmax' | 'lastClass'
  /** The axis whose largest is kept, by its number. */
  readonly dimArgmax?: number
  /** Keeps whether a prediction is at least this. */
  readonly thresh?: number
  /** Keeps flat lists, of as many predictions as targets. Default true. */
  readonly flatten?: boolean
  /** The function takes targets first. Default false. */
  readonly invertArgs?: boolean
}

/**
 * A metric of all predictions of an epoch at once, where a mean over batches would not do (fastai's `AccumMetric`). It
 * keeps predictions and targets on the host until the epoch is over.
 *
 * @example
 * const median = (preds: NdArray, targs: NdArray) =>
 *   Array.from(preds.data, (p, i) => Math.abs(p - targs.data[i]!)).sort((a, b) => a - b)[preds.data.length >> 1]
 * metrics: [accumMetric(median, { name: 'median_error' })]
 */
export function accumMetric(func: AccumFunc, options: AccumOptions = {}): Metric {
  return accumulated(func, options)
}

/** What predictions and targets of a metric of our own are: classes `[b, …, c]` and `[b, …]`, or labels of one shape. */
type Kind = 'classes' | 'labels'

/** An {@link accumMetric} that checks every batch. */
export function accumulated(
  func: AccumFunc,
  { name = func.name, flatten = true, invertArgs = false, ...options }: AccumOptions,
  kind?: Kind,
): Metric {
  const title = name || 'a metric without a name'
  const [preds, targs] = [new Rows(title, 'predictions'), new Rows(title, 'targets')]
  return {
    name,
    reset() {
      preds.clear()
      targs.clear()
    },
    accumulate({ pred, targets: [target] }) {
      if (!target) throw noTarget(title)
      const p = kept(() => prepared(title, pred, options), flatten)
      if (kind) checkKind(kind, title, pred, target)
      const t = kept(() => target, flatten)
      if (p.shape[0] !== t.shape[0]) throw misfit(title, pred, target)
      preds.push(p)
      targs.push(t)
    },
    value() {
      if (preds.empty) return undefined
      const [p, t] = [preds.all(), targs.all()]
      return checked(title, () => (invertArgs ? func(t, p) : func(p, t)))
    },
    saveState: () => ({ preds: preds.pack(), targs: targs.pack() }),
    loadState(saved) {
      const { preds: p, targs: t } = saved as { readonly preds: null; readonly targs: null }
      preds.unpack(p)
      targs.unpack(t)
    },
  }
}

function checkKind(kind: Kind, title: string, pred: tf.Tensor, target: tf.Tensor): void {
  if (kind === 'labels') checkSizes(title, pred, target)
  else checkClasses(title, pred, target)
}

/** How a function of scikit-learn's kind becomes a metric. */
export interface SkmOptions extends MetricOptions, Pick<AccumOptions, 'activation' | 'flatten'> {
  /** Predictions are of classes: the largest is taken, or what is above `thresh`. Default true. */
  readonly isClass?: boolean
  /** Probabilities from which on labels hold; logits go through a sigmoid unless `activation` says otherwise. */
  readonly thresh?: number
  /** The axis of the classes. Default the last. */
  readonly axis?: number
}

/**
 * A metric out of a function of targets and predictions, in this order, as those of scikit-learn are (fastai's
 * `skm_to_fastai`).
 *
 * @example
 * const wrong = (targs: NdArray, preds: NdArray) =>
 *   Array.from(targs.data).filter((t, i) => t !== preds.data[i]).length
 * metrics: [skmToFastai(wrong, { name: 'zero_one_loss' })]
 */
export function skmToFastai(
  func: (targs: NdArray, preds: NdArray) => number | undefined,
  { isClass = true, thresh, axis = -1, activation, ...options }: SkmOptions = {},
): Metric {
  const labels = isClass && thresh !== undefined
  const plain = activation === undefined || activation === 'none'
  return accumMetric(func, {
    ...options,
    invertArgs: true,
    activation: activation ?? (labels ? 'sigmoid' : 'none'),
    ...(thresh !== undefined && { thresh }),
    ...(isClass && !labels && plain && { dimArgmax: axis }),
  })
}

/** Predictions as they are kept: whether they are at least `thresh`, the class, or what the activation gives. */
function prepared(
  title: string,
  pred: tf.Tensor,
  { activation = 'none', dimArgmax, thresh }: AccumOptions,
): tf.Tensor {
  let x = activated(title, pred, activation)
  if (dimArgmax !== undefined) x = tf.argMax(x, dimArgmax)
  return thresh === undefined ? x : tf.greaterEqual(x, thresh)
}

function activated(
  title: string,
  pred: tf.Tensor,
  activation: NonNullable<AccumOptions['activation']>,
): tf.Tensor {
  if (activation === 'sigmoid') return tf.sigmoid(pred)
  if (activation === 'softmax') return tf.softmax(pred)
  if (activation === 'none') return pred
  return lastClass(title, activation === 'lastClass' ? pred : tf.softmax(pred))
}

/** The second class of `[b, …, 2]`. */
function lastClass(title: string, p: tf.Tensor): tf.Tensor {
  if (p.shape.at(-1) === 2) return tf.unstack(p, -1)[1]!
  throw new EspalierError('metric/shape', `${title}: predictions [${p.shape}] are not of two classes`, {
    fix: 'for one output that is a yes or no take the Multi version of the metric, for several classes rocAuc()',
  })
}

function kept(make: () => tf.Tensor, flatten: boolean): NdArray {
  const { data, shape, dtype } = readOut(make)
  return ndArray(dtype as DType, flatten ? [data.length] : shape, data)
}

function checked(title: string, run: () => unknown): number | undefined {
  let value: unknown
  try {
    value = run()
  } catch (error) {
    if (error instanceof EspalierError) throw error
    throw new EspalierError('metric/failed', `the metric '${title}' failed: ${reasonOf(error)}`, {
      cause: error,
    })
  }
  if (value === undefined || typeof value === 'number') return value
  throw new EspalierError(
    'metric/value',
    `the metric '${title}' returned ${describe(value)}, expected a number`,
    {
      fix:
        value instanceof Promise
          ? 'make it a plain function'
          : 'return a number, or undefined where there is none',
    },
  )
}
