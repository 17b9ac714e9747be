import { beforeAll, describe, expect, it } from 'vitest'
import { feed, measured, single } from '../../test/metric-data.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { corpusBleu } from './corpus-bleu.js'
import { perplexity } from './perplexity.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe('perplexity', () => {
  /** A long batch with loss 1, and a short last one with loss 2. */
  const text = (metric: ReturnType<typeof perplexity>, last: number[][]) => {
    tf.tidy(() => {
      metric.accumulate({ pred: tf.zeros([1]), targets: [tf.zeros([2, 6], 'int32')], bs: 2, loss: 1 })
      metric.accumulate({
        pred: tf.zeros([1]),
        targets: [tf.tensor2d(last, undefined, 'int32')],
        bs: 2,
        loss: 2,
      })
    })
    return metric.value()
  }

  it('weighs by tokens, or by rows as fastai does', () => {
    expect(text(perplexity(), [[1], [2]])).toBeCloseTo(Math.exp((12 + 2 * 2) / 14), 12)
    expect(text(perplexity({ weightBy: 'rows' }), [[1], [2]])).toBeCloseTo(Math.exp(1.5), 6)
  })

  it('does not count tokens that the loss does not', () => {
    const padded = [
      [1, -100, -100],
      [2, -100, -100],
    ]
    expect(text(perplexity(), padded)).toBeCloseTo(Math.exp((12 + 2 * 2) / 14), 12)
    expect(text(perplexity({ ignoreIndex: 2 }), padded)).toBeCloseTo(Math.exp((12 + 2 * 5) / 17), 12)
    expect(text(perplexity(), [[-100], [-100]])).toBeCloseTo(Math.E, 12)
  })

  it('is the same however the batches are cut', () => {
    const rows = Array.from({ length: 9 }, (_, i) => [i, i])
    expect(measured(() => perplexity(), rows, rows)).toBeCloseTo(Math.exp(4), 10)
    expect(measured(() => perplexity({ weightBy: 'rows' }), rows, rows)).toBeCloseTo(Math.exp(4), 4)
  })
})

describe('corpusBleu', () => {
  const oneHot = (rows: readonly number[][]) =>
    rows.map((row) => row.map((k) => Array.from({ length: 10 }, (_, j) => Number(j === k)))) as never
  const sentence = [1, 2, 3, 4, 5, 6]
  const score = (p: number[][], t: number[][]) => single(() => corpusBleu(), oneHot(p), t)

  it('is 1 where all is right', () => {
    expect(score([sentence], [sentence])).toBeCloseTo(1, 12)
    expect(
      measured(
        () => corpusBleu(),
        oneHot(new Array<number[]>(9).fill(sentence)),
        new Array(9).fill(sentence),
      ),
    ).toBeCloseTo(1, 12)
  })

  it('is the geometric mean of the shares of runs of one to four tokens', () => {
    // 5 of 6 tokens, 3 of 5 pairs, 2 of 4 triples, 1 of 3 runs of four.
    expect(score([[1, 2, 3, 4, 9, 6]], [sentence])).toBeCloseTo(
      ((5 / 6) * (3 / 5) * (2 / 4) * (1 / 3)) ** 0.25,
      12,
    )
  })

  it('counts a repeated run as often as it is wanted', () => {
    // The token 1 is wanted twice; the pair 1 1 once; longer runs never: a half, and a half of that.
    const runs = (2 / 6) * (1 / 5) * (0.5 / 4) * (0.25 / 3)
    expect(score([[1, 1, 1, 1, 1, 1]], [[1, 1, 2, 3, 4, 5]])).toBeCloseTo(runs ** 0.25, 12)
  })

  it('leaves out runs that are longer than every sequence, and smooths what is nowhere right', () => {
    expect(score([[1, 2]], [[1, 2]])).toBeCloseTo(1, 12)
    expect(score([[1, 2]], [[3, 4]])).toBeCloseTo(((0.5 / 2) * (0.25 / 1)) ** 0.5, 12)
  })

  it('does not depend on the batches', () => {
    const wanted = Array.from({ length: 9 }, (_, i) => [1, 2, 3, i, 5, (7 * i) % 10])
    const predicted = Array.from({ length: 9 }, (_, i) => [1, 2, i % 4, i, 5, 6])
    expect(measured(() => corpusBleu(), oneHot(predicted), wanted)).toBeGreaterThan(0.3)
    const apart = corpusBleu()
    feed(apart, oneHot(predicted), wanted, [1, 2, 3, 4, 5, 6, 7, 8])
    expect(apart.value()).toBeCloseTo(score(predicted, wanted)!, 12)
  })
})
