import { beforeAll, describe, expect, it } from 'vitest'
import { makePart } from '../bundle/parts.js'
import { useEngine } from '../engine/engine.js'
import { record } from '../engine/tape.js'
import * as tf from '../engine/tf.js'
import { combinedLoss } from './combined.js'
import { crossEntropyFlat, crossEntropyLossFlat } from './cross-entropy.js'
import { diceLoss } from './dice.js'
import { focalLossFlat } from './focal.js'
import type { Loss } from './loss.js'
import { l1LossFlat, mseLossFlat } from './mse.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const logits = () => tf.tensor4d([2, -1, 0.5, 0.3, -0.2, 1, 0, 4, -3, 1, 1, 0], [2, 1, 2, 3])
const labels = () => tf.tensor3d([0, 2, 1, 1], [2, 1, 2], 'int32')
const number = (loss: Loss) => loss(logits(), labels()).dataSync()[0]!

it('is the weighted sum, of values, of items and of gradients', () => {
  tf.tidy(() => {
    const parts = [focalLossFlat(), diceLoss({ smooth: 1 })] as const
    const loss = combinedLoss(parts, [2, 0.5])
    expect(number(loss)).toBeCloseTo(2 * number(parts[0]) + 0.5 * number(parts[1]), 5)
    expect(number(combinedLoss(parts))).toBeCloseTo(number(parts[0]) + number(parts[1]), 5)
    const items = parts.map((p) => p.perItem!(logits(), labels()).dataSync())
    const each = loss.perItem!(logits(), labels()).dataSync()
    for (const i of [0, 1]) expect(each[i]).toBeCloseTo(2 * items[0]![i]! + 0.5 * items[1]![i]!, 5)
    const slopes = (l: Loss) => {
      const x = logits()
      const { result, tape } = record(() => l(x, labels()))
      return tape.backward(result, [x])[0]!.dataSync()
    }
    const [focal, dice] = parts.map(slopes)
    for (const [i, slope] of slopes(loss).entries()) {
      expect(slope).toBeCloseTo(2 * focal![i]! + 0.5 * dice![i]!, 5)
    }
  })
})

it('shows predictions as the first of them does', () => {
  tf.tidy(() => {
    const loss = combinedLoss([crossEntropyFlat, diceLoss()])
    expect(loss.yInt).toBe(true)
    const activated = loss.activation!(logits())
    expect([...tf.sum(activated, -1).dataSync()].every((p) => Math.abs(p - 1) < 1e-6)).toBe(true)
    expect([...loss.decodes!(activated).dataSync()]).toEqual([0, 2, 1, 0])
    expect(combinedLoss([mseLossFlat(), l1LossFlat()]).activation).toBeUndefined()
  })
})

describe('an export', () => {
  it('makes it again', () => {
    const loss = combinedLoss(
      [crossEntropyLossFlat({ weight: [1, 2, 3], ignoreIndex: 255 }), diceLoss()],
      [1, 3],
    )
    const options = JSON.parse(JSON.stringify(loss.toJSON!())) as { [key: string]: never }
    const again = makePart('loss', { name: loss.name, options })
    tf.tidy(() => {
      expect(number(again)).toBe(number(loss))
    })
  })

  it('of a function of your own cannot be told', () => {
    expect(combinedLoss([crossEntropyFlat, (pred) => tf.mean(pred)]).toJSON).toBeUndefined()
    expect(combinedLoss([crossEntropyFlat, (pred) => tf.mean(pred)]).perItem).toBeUndefined()
  })

  it('names no loss that there is not', () => {
    const options = { losses: [{ name: 'constructor', options: {} }], weights: [1] }
    expect(() => makePart('loss', { name: 'combined', options })).toThrow(
      'there is no loss string "constructor"',
    )
  })
})

it('says what is wrong', () => {
  expect(() => combinedLoss([])).toThrow('combinedLoss: the losses must be a list, got []')
  expect(() => combinedLoss(crossEntropyFlat as never)).toThrow('the losses must be a list')
  expect(() => combinedLoss([diceLoss(), 'focal' as never])).toThrow(
    'losses[1] is string "focal", which is no loss',
  )
  expect(() => combinedLoss([diceLoss()], [1, 2])).toThrow('1 losses need as many weights, got [1,2]')
  expect(() => combinedLoss([diceLoss()], [-1])).toThrow('a weight must be a number of at least 0, got -1')
})
