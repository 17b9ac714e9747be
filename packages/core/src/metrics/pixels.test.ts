import { beforeAll, describe, expect, it } from 'vitest'
import { feed, measured, single } from '../../test/metric-data.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { dice, jaccardCoeff } from './dice.js'
import { diceMulti, jaccardCoeffMulti } from './dice-multi.js'
import { foregroundAcc } from './foreground-acc.js'
import { avgMetric } from './metric.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** Logits of `c` classes whose largest is where it is said, for pictures of four pixels in a row. */
const masks = (rows: readonly number[][], c: number) =>
  rows.map((row) => row.map((k) => Array.from({ length: c }, (_, j) => Number(j === k)))) as never

const predicted = [
  [0, 1, 1, 0],
  [1, 1, 0, 0],
  [0, 0, 0, 1],
  [0, 0, 0, 0],
  [1, 1, 1, 1],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [1, 0, 0, 0],
]
const wanted = [
  [0, 1, 0, 0],
  [1, 1, 1, 0],
  [1, 0, 0, 0],
  [0, 0, 0, 0],
  [1, 1, 1, 1],
  [1, 0, 0, 0],
  [0, 0, 1, 1],
  [0, 0, 0, 0],
]

describe('of one class on a background', () => {
  // 8 places in both, 12 predicted, 12 wanted.
  it('dice and jaccardCoeff are over the epoch, not means of batches', () => {
    expect(measured(() => dice(), masks(predicted, 2), wanted)).toBeCloseTo(16 / 24, 12)
    expect(measured(() => jaccardCoeff(), masks(predicted, 2), wanted)).toBeCloseTo(8 / 16, 12)
  })

  it('they have no value where there is nothing of it', () => {
    const nothing = [[0, 0, 0, 0]]
    for (const make of [dice, jaccardCoeff]) {
      expect(single(() => make(), masks(nothing, 2), nothing)).toBeUndefined()
      expect(single(() => make(), masks(nothing, 2), [[0, 0, 0, 1]])).toBe(0)
    }
  })

  it('they refuse more classes, unless told to count them as fastai does', () => {
    const [p, t] = [[[0, 1, 2, 2]], [[0, 2, 2, 1]]]
    expect(() => single(() => dice(), masks(p, 3), t)).toThrow(
      'dice is for background 0 and one class 1: predictions are of 3 classes\n  → for several classes take diceMulti()',
    )
    expect(() => single(() => jaccardCoeff(), masks([[0, 1, 0, 0]], 2), t)).toThrow('there is a target 2')
    // Σp·t = 2 + 4 + 2, Σ(p + t) = 5 + 5.
    expect(single(() => dice({ others: 'count' }), masks(p, 3), t)).toBe(1.6)
  })
})

describe('of several classes', () => {
  const p = [
    [0, 1, 1, 2],
    [0, 0, 1, 2],
    [2, 2, 2, 1],
    [0, 0, 0, 0],
    [0, 1, 2, 0],
    [1, 1, 1, 1],
    [2, 0, 2, 0],
    [0, 0, 0, 0],
  ]
  const t = [
    [0, 1, 2, 2],
    [0, 1, 1, 0],
    [2, 2, 1, 1],
    [0, 0, 0, 0],
    [255, 1, 2, 0],
    [1, 0, 1, 1],
    [2, 0, 2, 255],
    [0, 0, 0, 2],
  ]
  /** Counted over all pixels: both, predicted and wanted of each class. */
  const counts = [0, 1, 2].map((c) => {
    const flat = p.flat().map((v, i) => [v === c, t.flat()[i] === c] as const)
    return [flat.filter(([a, b]) => a && b), flat.filter(([a]) => a), flat.filter(([, b]) => b)].map(
      (l) => l.length,
    )
  }) as [number, number, number][]
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length

  it('are means over the classes that occur; a target beyond the outputs is no class of its own', () => {
    const dices = counts.map(([both, a, b]) => (2 * both) / (a + b))
    const overlaps = counts.map(([both, a, b]) => both / (a + b - both))
    for (const c of [3, 5]) {
      expect(measured(() => diceMulti(), masks(p, c), t)).toBeCloseTo(mean(dices), 12)
      expect(measured(() => jaccardCoeffMulti(), masks(p, c), t)).toBeCloseTo(mean(overlaps), 12)
    }
  })
})

describe('foregroundAcc', () => {
  it('counts every place of the foreground alike, or batches by rows as fastai does', () => {
    // Places of the foreground 4 and 8, of which 3 and 5 are right.
    const bySize = foregroundAcc()
    const byRows = foregroundAcc({ weightBy: 'rows' })
    for (const m of [bySize, byRows]) feed(m, masks(predicted, 2), wanted, [2])
    expect(bySize.value()).toBeCloseTo(8 / 12, 12)
    expect(byRows.value()).toBeCloseTo((2 * (3 / 4) + 6 * (5 / 8)) / 8, 6)
    expect(measured(() => foregroundAcc(), masks(predicted, 2), wanted)).toBeCloseTo(8 / 12, 12)
  })

  it('leaves out batches that are background all over', () => {
    for (const weightBy of ['pixels', 'rows'] as const) {
      const metric = foregroundAcc({ weightBy })
      feed(metric, masks(predicted, 2), wanted, [3, 4])
      expect(metric.value()).toBeGreaterThan(0.6)
      expect(single(() => foregroundAcc({ weightBy }), masks([[0, 0]], 2), [[0, 0]])).toBeUndefined()
    }
  })

  it('takes another class for background', () => {
    expect(single(() => foregroundAcc({ bkgIdx: 2 }), masks([[0, 1, 1, 0]], 3), [[0, 1, 2, 1]])).toBeCloseTo(
      2 / 3,
      12,
    )
  })
})

it('predictions and targets that do not fit are told with both shapes', () => {
  for (const make of [dice, diceMulti, foregroundAcc]) {
    expect(() => single(() => make(), masks([[0, 1]], 2), [[0, 1, 1]])).toThrow(
      'predictions [1,2,2] and targets [1,3] do not fit\n  → it compares predictions [b, …, classes] with targets [b, …]',
    )
  }
  tf.tidy(() => {
    const input = { pred: tf.zeros([1, 2]), targets: [], bs: 1, loss: 0 }
    expect(() => diceMulti().accumulate(input)).toThrow('dice_multi: the batch has no targets')
    expect(() => avgMetric((p) => tf.mean(p)).accumulate(input)).not.toThrow()
  })
  expect(() => single(() => diceMulti(), masks([[0, 1]], 2), [[0, -1]])).toThrow(
    'the target -1 is no class number',
  )
})
