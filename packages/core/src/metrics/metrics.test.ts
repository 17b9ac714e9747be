import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { accuracy, errorRate, topKAccuracy } from './accuracy.js'
import { asMetric, avgLoss, type Metric } from './metric.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const pred = () => tf.tensor2d([0.1, 0.7, 0.2, 0.9, 0.05, 0.05, 0.3, 0.3, 0.4], [3, 3])

it('accuracy and error rate count the largest', () => {
  tf.tidy(() => {
    const target = tf.tensor1d([1, 2, 2], 'int32')
    expect(accuracy(pred(), target).dataSync()[0]).toBeCloseTo(2 / 3)
    expect(errorRate(pred(), target).dataSync()[0]).toBeCloseTo(1 / 3)
    expect(() => accuracy(pred(), tf.tensor1d([1, 2], 'int32'))).toThrow(
      'accuracy: predictions [3,3] and targets [2] do not fit\n  → it compares classes',
    )
  })
})

it('top-k accuracy looks further', () => {
  tf.tidy(() => {
    const target = tf.tensor1d([2, 1, 0], 'int32')
    expect(accuracy(pred(), target).dataSync()[0]).toBe(0)
    expect(topKAccuracy(2)(pred(), target) as tf.Tensor).toBeDefined()
    expect((topKAccuracy(2)(pred(), target) as tf.Tensor).dataSync()[0]).toBeCloseTo(1)
    expect((topKAccuracy(9)(pred(), target) as tf.Tensor).dataSync()[0]).toBeCloseTo(1)
  })
})

it('an average weighs an uneven last batch by its rows', () => {
  const metric = asMetric(function someThing(p) {
    return tf.mean(p)
  })
  const loss = avgLoss()
  expect(metric.name).toBe('some_thing')
  expect(metric.value()).toBeUndefined()
  tf.tidy(() => {
    for (const [value, bs] of [
      [1, 4],
      [6, 1],
    ] as const) {
      metric.accumulate({ pred: tf.fill([bs], value), targets: [], loss: value, bs })
      loss.accumulate({ pred: tf.fill([bs], value), targets: [], loss: value, bs })
    }
  })
  expect(metric.value()).toBe(2)
  expect(loss.value()).toBe(2)
  metric.reset()
  expect(metric.value()).toBeUndefined()
})

it('means go on where they were saved, to the last bit, whatever was in them', () => {
  const batch = (m: Metric, loss: number, bs: number) =>
    m.accumulate({ pred: tf.zeros([bs]), targets: [], loss, bs })
  tf.tidy(() => {
    for (const begin of [0.1, 1e-8, Number.NaN, Number.POSITIVE_INFINITY]) {
      const [whole, first, second] = [avgLoss(), avgLoss(), avgLoss()]
      for (const m of [whole, first]) batch(m, begin, 3)
      batch(second, 7, 1)
      second.loadState!(JSON.parse(JSON.stringify(first.saveState!())))
      for (const m of [whole, second]) batch(m, 1 / 3, 2)
      expect(second.value()).toBe(whole.value())
    }
    const empty = avgLoss()
    empty.loadState!(avgLoss().saveState!())
    expect(empty.value()).toBeUndefined()
    expect(() => empty.loadState!('§')).toThrow('the numbers of a saved state cannot be read')
  })
})
