import { expect } from 'vitest'
import * as tf from '../src/engine/tf.js'
import type { Metric, MetricFunc } from '../src/metrics/metric.js'
import { asMetric } from '../src/metrics/metric.js'

/** Eleven items that scikit-learn 1.9.1 and SciPy were asked about: logits of three classes or labels. */
export const logits = [
  [0, 0.45, -0.41],
  [-1.34, -0.68, -1.49],
  [0.09, 2.01, -0.74],
  [-0.93, 0.73, 0.54],
  [0.16, -1.4, -0],
  [1.04, -2.02, -0.69],
  [-2.85, -1.93, -2.76],
  [-0.35, -0.07, 0.41],
  [0.24, -0.28, -3.78],
  [-0.81, -0.07, 0.17],
  [-2.3, -0.72, -1.47],
]
/** Their classes. */
export const classes = [0, 1, 2, 0, 2, 1, 1, 0, 1, 2, 1]
/** Whether they are of class 1 or 2. */
export const halves = classes.map((c) => Math.min(c, 1))
/** Labels of which several hold. */
export const labels = classes.map((c, i) => [Number(c === 0), Number(c === 1), Number((c + i) % 2 === 0)])

/** The first columns of the logits. */
export const columns = (n: number): number[][] => logits.map((row) => row.slice(0, n))
export const column = (i: number): number[] => logits.map((row) => row[i]!)

type Numbers = readonly number[] | readonly (readonly number[])[]

const tensorOf = (values: Numbers): tf.Tensor => {
  const ints = [values].flat(2).every(Number.isInteger)
  return tf.tensor(values as number[], undefined, ints ? 'int32' : 'float32')
}

/** Lets a metric see predictions and targets in batches that end where it is said; the loss is the mean prediction. */
export function feed(metric: Metric, preds: Numbers, targets: Numbers, cuts: readonly number[]): void {
  tf.tidy(() => {
    const [p, t] = [tf.cast(tensorOf(preds), 'float32'), tensorOf(targets)]
    let from = 0
    for (const to of [...cuts, preds.length]) {
      const bs = to - from
      const pred = tf.slice(p, from, bs)
      const loss = tf.mean(pred).dataSync()[0]!
      metric.accumulate({ pred, targets: [tf.slice(t, from, bs)], bs, loss })
      from = to
    }
  })
}

/**
 * The value of a metric: the same however the batches are cut, also when it goes on in another process after any of
 * them, and for a second epoch.
 */
export function measured(make: () => Metric | MetricFunc, preds: Numbers, targets: Numbers): number {
  const metric = asMetric(make())
  metric.reset()
  expect(metric.value()).toBeUndefined()
  feed(metric, preds, targets, [])
  const whole = metric.value()!
  for (const cut of [1, 4, 7]) {
    const [first, second] = [asMetric(make()), asMetric(make())]
    feed(first, preds.slice(0, cut) as Numbers, targets.slice(0, cut) as Numbers, [])
    second.loadState!(JSON.parse(JSON.stringify(first.saveState!())))
    expect(second.value()).toBe(first.value())
    for (const m of [first, second]) feed(m, preds.slice(cut) as Numbers, targets.slice(cut) as Numbers, [])
    expect(second.value()).toBe(first.value())
    expect(first.value()).toBeCloseTo(whole, 5)
    expect(metric.value()).toBe(whole)
    first.reset()
    expect(first.value()).toBeUndefined()
    feed(first, preds, targets, [cut])
    expect(first.value()).toBe(second.value())
  }
  return whole
}

/** The value of a metric over one batch. */
export function single(
  make: () => Metric | MetricFunc,
  preds: Numbers,
  targets: Numbers,
): number | undefined {
  const metric = asMetric(make())
  feed(metric, preds, targets, [])
  return metric.value()
}
