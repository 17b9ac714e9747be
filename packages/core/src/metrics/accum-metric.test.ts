import type { NdArray } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { classes, feed, halves, labels, logits, measured, single } from '../../test/metric-data.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { type AccumOptions, accumMetric, skmToFastai } from './accum-metric.js'
import { apScoreBinary } from './ap-score.js'
import { brierScore } from './brier-score.js'
import { f1Score, fBeta } from './f-beta.js'
import { f1ScoreMulti } from './f-beta-multi.js'
import { lossMetric, lossMetrics } from './loss-metric.js'
import { asMetric, type Metric } from './metric.js'
import { optimMetric } from './optim-metric.js'
import { ranked } from './ranked.js'
import { rocAuc, rocAucBinary, rocAucMulti } from './roc-auc.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** What a function of a metric is given. */
function seen(
  options: AccumOptions,
  preds: number[][],
  targets: number[] | number[][],
  cuts = [1],
): NdArray[] {
  let got: NdArray[] = []
  const metric = accumMetric((...arrays) => {
    got = arrays
    return 0
  }, options)
  feed(metric, preds, targets, cuts)
  expect(metric.value()).toBe(0)
  return got
}

describe('accumMetric gives its function all of an epoch', () => {
  const rows = [
    [0, 2],
    [3, 1],
    [-1, 0],
  ]
  const numbers = ({ data }: NdArray) => [...data].map((v) => Number(v.toFixed(4)))

  it('flat, or in rows', () => {
    const flat = [
      [1, 0],
      [0, 1],
      [1, 1],
    ]
    const [p, t] = seen({}, rows, flat) as [NdArray, NdArray]
    expect([p.shape, numbers(p), p.dtype]).toEqual([[6], [0, 2, 3, 1, -1, 0], 'float32'])
    expect([t.shape, numbers(t), t.dtype]).toEqual([[6], flat.flat(), 'int32'])
    const [q, u] = seen({ flatten: false }, rows, [5, 6, 7]) as [NdArray, NdArray]
    expect([q.shape, u.shape, numbers(u)]).toEqual([[3, 2], [3], [5, 6, 7]])
  })

  it('after activation, class and threshold', () => {
    const first = (options: AccumOptions, targets: number[] | number[][] = [0, 0, 0]) =>
      numbers(seen({ flatten: false, ...options }, rows, targets)[0]!)
    expect(first({ activation: 'sigmoid' })).toEqual([0.5, 0.8808, 0.9526, 0.7311, 0.2689, 0.5])
    expect(first({ activation: 'softmax' })).toEqual([0.1192, 0.8808, 0.8808, 0.1192, 0.2689, 0.7311])
    expect(first({ activation: 'binarySoftmax' })).toEqual([0.8808, 0.1192, 0.7311])
    expect(first({ activation: 'lastClass' })).toEqual([2, 1, 0])
    expect(first({ dimArgmax: -1 })).toEqual([1, 0, 1])
    expect(first({ thresh: 0 })).toEqual([1, 1, 1, 1, 0, 1])
    expect(first({ activation: 'sigmoid', thresh: 0.5 })).toEqual([1, 1, 1, 1, 0, 1])
  })

  it('targets first where it asks for them', () => {
    const [t, p] = seen({ invertArgs: true, dimArgmax: -1 }, rows, [5, 6, 7]) as [NdArray, NdArray]
    expect([numbers(t), numbers(p)]).toEqual([
      [5, 6, 7],
      [1, 0, 1],
    ])
  })
})

it('a median is over all items, however they are cut', () => {
  const median = (preds: NdArray, targs: NdArray) =>
    Array.from(preds.data, (p, i) => Math.abs(p - targs.data[i]!)).sort((a, b) => a - b)[
      preds.data.length >> 1
    ]
  const make = () => accumMetric(median, { name: 'median_error' })
  expect(make().name).toBe('median_error')
  expect(measured(make, [8, 1, 9, 2, 3, 7, 4, 6, 5], new Array(9).fill(0))).toBe(5)
})

it('skmToFastai makes metrics of functions of targets and predictions', () => {
  const share = (targs: NdArray, preds: NdArray) =>
    [...targs.data].filter((t, i) => t === preds.data[i]).length / targs.data.length
  const right = classes.filter((c, i) => logits[i]!.indexOf(Math.max(...logits[i]!)) === c).length
  expect(measured(() => skmToFastai(share, { name: 'share' }), logits, classes)).toBeCloseTo(right / 11, 12)
  const above = logits
    .flat()
    .filter((x, i) => Number(1 / (1 + Math.exp(-x)) >= 0.3) === labels.flat()[i]).length
  expect(measured(() => skmToFastai(share, { thresh: 0.3 }), logits, labels)).toBeCloseTo(above / 33, 12)
  const sum = (_: NdArray, preds: NdArray) => [...preds.data].reduce((a, b) => a + b, 0)
  const total = logits.flat().reduce((a, b) => a + b)
  expect(measured(() => skmToFastai(sum, { isClass: false }), logits, labels)).toBeCloseTo(total, 4)
})

it('functions that fail or return no number are told by name', () => {
  const value = (func: () => unknown) =>
    single(() => accumMetric(func as () => number, { name: 'mine' }), [[1]], [[1]])
  expect(() => value(() => 'x')).toThrow('the metric \'mine\' returned string "x", expected a number')
  expect(() => value(async () => 1)).toThrow('→ make it a plain function')
  expect(() =>
    value(() => {
      throw new Error('oops')
    }),
  ).toThrow("the metric 'mine' failed: oops")
  expect(value(() => undefined)).toBeUndefined()
})

describe('what does not fit is refused', () => {
  it('shapes', () => {
    expect(() => single(() => rocAucMulti(), [[1, 2]], [1])).toThrow(
      'roc_auc_score: predictions [1,2] and targets [1] do not fit',
    )
    expect(() => single(() => rocAuc(), [[1, 2, 3]], [3])).toThrow(
      'roc_auc_score: the target 3 is not one of the 3 classes 0 … 2',
    )
    expect(() => single(() => brierScore(), [[1, 2, 3]], [-1])).toThrow('the target -1 is not one of the 3')
    expect(() => single(() => rocAucBinary(), [[1, 2, 3]], [1])).toThrow(
      'predictions [1,3] are not of two classes',
    )
    expect(() => single(() => rocAucBinary(), [[1]], [1])).toThrow(
      'roc_auc_score: predictions [1,1] are not of two classes\n  → for one output that is a yes or no take the Multi version',
    )
    expect(() => single(() => brierScore(), [[1]], [1])).toThrow('take brierScoreMulti()')
    const uneven = accumMetric(() => 0, { name: 'rows', flatten: false })
    feed(uneven, [[1, 2]], [1], [])
    expect(() => feed(uneven, [[1, 2, 3]], [1], [])).toThrow(
      'rows: predictions are float32 [1,3] after float32 [1,2]',
    )
  })

  it('classes and averages', () => {
    expect(() => single(() => f1Score(), logits, classes)).toThrow(
      "f1Score: predictions are of 3 classes, 'binary' is for two\n  → say f1Score({ average: 'macro' })",
    )
    expect(() => f1Score({ average: 'mean' as 'macro' })).toThrow('f1Score: average is string "mean"')
    expect(() => single(() => f1Score({ posLabel: 2 }), [[1, 2]], [1])).toThrow(
      'f1Score: posLabel is number 2',
    )
    expect(() => fBeta({} as number)).toThrow('fBeta: beta is {}')
    expect(() => f1ScoreMulti({ average: 'binary' as 'macro' })).toThrow('f1ScoreMulti: average is')
    expect(() => single(() => f1ScoreMulti({ labels: [3] }), logits, labels)).toThrow(
      '3 is not one of the 3 labels 0 … 2',
    )
    expect(() => rocAuc({ multiClass: 'ovo', average: 'micro' })).toThrow("there is no average 'micro'")
    expect(() => rocAucBinary({ maxFpr: 0 })).toThrow('rocAucBinary: maxFpr is')
    expect(() => apScoreBinary({ posLabel: 3 })).toThrow('apScoreBinary: posLabel is')
  })

  it('a factory that was not called', () => {
    expect(() => asMetric(f1Score as unknown as () => number)).toThrow('→ call it: metrics: [f1Score()]')
    const beta = asMetric((_beta: unknown) => f1Score() as never)
    expect(() => feed(beta, [[1, 2]], [1], [])).toThrow('→ call it: metrics: [')
  })
})

it('classes without items, or with all, are left out of areas', () => {
  const without = classes.map((c) => (c === 2 ? 0 : c))
  expect(single(() => rocAuc(), logits, without)).toBeGreaterThan(0)
  expect(single(() => rocAuc({ multiClass: 'ovo' }), logits, without)).toBeGreaterThan(0)
  expect(
    single(
      () => rocAuc(),
      logits,
      classes.map(() => 1),
    ),
  ).toBeUndefined()
  expect(single(() => rocAucBinary(), [[1, 2]], [1])).toBeUndefined()
})

it('ranks scores of every kind, equal ones together', () => {
  const scores = new Float32Array([
    0,
    1,
    -0,
    -1,
    Number.POSITIVE_INFINITY,
    1,
    Number.NEGATIVE_INFINITY,
    0.1,
    -1,
  ])
  const wanted = [1, 0, 0, 1, 0, 1, 1, 0, 0]
  // ∞ · 1, 1 · 0.1 · 0, −0 · −1, −1 · −∞
  expect(ranked(scores, (i) => wanted[i] === 1)).toEqual({ yes: [0, 1, 0, 1, 1, 1], no: [1, 1, 1, 1, 1, 0] })
  expect(ranked([1, Number.NaN], () => true)).toBeUndefined()
})

it('metrics of one kind do not share what they have seen', () => {
  const [one, other] = [rocAucBinary(), rocAucBinary({ name: 'mine' })]
  feed(
    one,
    logits.map((r) => r.slice(0, 2)),
    halves,
    [],
  )
  expect(one.value()).toBeGreaterThan(0)
  expect(other.value()).toBeUndefined()
  expect([one.name, other.name]).toEqual(['roc_auc_score', 'mine'])
})

it('optimMetric finds the best argument', () => {
  const value = (_: NdArray, { data }: NdArray, x: number) => 3 - (x - data[0]! / 10) ** 2
  const best = optimMetric(value, { bounds: [0, 1], tol: 1e-4 })
  expect(best.name).toBe('opt_value')
  expect(single(() => accumMetric(best), [[1]], [[7]])).toBeCloseTo(3, 6)
  const [preds, targs] = seen({}, [[1]], [[7]], []) as [NdArray, NdArray]
  expect(best.search(preds, targs).arg).toBeCloseTo(0.7, 3)
  const least = optimMetric((p, t, x) => -value(p, t, x), { bounds: [0, 1], minimize: true })
  expect(least(preds, targs)).toBeCloseTo(-3, 3)
  expect(() => optimMetric(value, { bounds: [1, 0] })).toThrow('optimMetric: cannot search from 1 to 0')
})

describe('lossMetric', () => {
  it('is the mean over rows of what a loss leaves behind', () => {
    const loss = { pixels: 0, style: 0 as unknown }
    const [pixels, style] = lossMetrics(loss, ['pixels', 'style']) as [Metric, Metric]
    const batch = (rows: number, values: { pixels: number; style: unknown }) => {
      Object.assign(loss, values)
      for (const m of [pixels, style]) feed(m, new Array(rows).fill([0]), new Array(rows).fill([0]), [])
    }
    tf.tidy(() => {
      batch(4, { pixels: 1, style: tf.scalar(2) })
      batch(1, { pixels: 6, style: 12 })
    })
    expect([pixels.name, pixels.value(), style.value()]).toEqual(['pixels', 2, 4])
    expect(lossMetric(loss, 'style', { name: 'gram' }).name).toBe('gram')
  })

  it('says what it found instead of a number', () => {
    const loss = { style: undefined as unknown }
    const metric = lossMetric(loss, 'style')
    expect(() => feed(metric, [[0]], [[0]], [])).toThrow(
      "the loss has undefined under 'style', expected a number",
    )
    loss.style = tf.tidy(() => tf.scalar(1))
    tf.dispose(loss.style as tf.Tensor)
    expect(() => feed(metric, [[0]], [[0]], [])).toThrow('a tensor that is disposed')
  })
})
