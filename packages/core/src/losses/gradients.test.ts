import { Random } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import { record } from '../engine/tape.js'
import * as tf from '../engine/tf.js'
import { bceLossFlat } from './bce.js'
import { bceWithLogitsLossFlat } from './bce-with-logits.js'
import { crossEntropyLossFlat } from './cross-entropy.js'
import { diceLoss } from './dice.js'
import { focalLossFlat } from './focal.js'
import { labelSmoothingCrossEntropyFlat } from './label-smoothing.js'
import type { Loss } from './loss.js'
import { l1LossFlat, mseLossFlat } from './mse.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const shape = [2, 3, 4]
const random = new Random(3, 'losses')
const logits = Array.from({ length: 24 }, () => 2 * random.normal())
const probabilities = logits.map((x) => 1 / (1 + Math.exp(-x)))
const yes = logits.map((_, i) => Number(i % 3 === 1))
const labels = [0, 3, 2, 1, -100, 3]
const weight = [0.5, 1, 2, 1.5]

const numbers = (values: readonly number[], of = shape) => tf.tensor(new Float32Array(values), of)
const classTargets = () => tf.tensor2d(labels, [2, 3], 'int32')

function gradient(loss: Loss, pred: readonly number[], target: tf.Tensor): number[] {
  return tf.tidy(() => {
    const x = numbers(pred)
    const { result, tape } = record(() => loss(x, target))
    return [...tape.backward(result, [x])[0]!.dataSync()]
  })
}

/** Compares every slope with that of a line through two points beside it. */
function expectSlopes(loss: Loss, pred: readonly number[], target: tf.Tensor): void {
  const step = 2e-3
  const at = (i: number, by: number) =>
    tf.tidy(() => loss(numbers(pred.map((v, j) => (i === j ? v + by : v))), target).dataSync()[0]!)
  const grads = gradient(loss, pred, target)
  const scale = Math.max(...grads.map(Math.abs))
  expect(scale).toBeGreaterThan(1e-3)
  for (const [i, grad] of grads.entries()) {
    const slope = (at(i, step) - at(i, -step)) / (2 * step)
    expect(Math.abs(slope - grad), `[${i}] ${grad}, measured ${slope}`).toBeLessThan(1e-3 + 5e-3 * scale)
  }
}

describe('the gradient that finite differences find', () => {
  it.each<[string, Loss]>([
    ['crossEntropy', crossEntropyLossFlat()],
    ['crossEntropy, weighted', crossEntropyLossFlat({ weight })],
    ['crossEntropy, summed', crossEntropyLossFlat({ reduction: 'sum' })],
    ['label smoothing', labelSmoothingCrossEntropyFlat({ eps: 0.2 })],
    ['label smoothing, weighted', labelSmoothingCrossEntropyFlat({ weight })],
    ['focal', focalLossFlat()],
    ['focal, gamma 0.5, weighted', focalLossFlat({ gamma: 0.5, weight })],
    ['dice', diceLoss()],
    ['dice, squared, mean', diceLoss({ squareInUnion: true, reduction: 'mean', smooth: 1 })],
  ])('%s', (_, loss) => {
    tf.tidy(() => expectSlopes(loss, logits, classTargets()))
  })

  it.each<[string, Loss, readonly number[]]>([
    ['bceWithLogits', bceWithLogitsLossFlat(), logits],
    ['bceWithLogits, weighted', bceWithLogitsLossFlat({ weight, posWeight: [3, 1, 0.5, 2] }), logits],
    ['bce', bceLossFlat(), probabilities.map((p) => Math.min(Math.max(p, 0.05), 0.95))],
    ['mse', mseLossFlat(), logits],
    ['l1', l1LossFlat({ reduction: 'sum' }), logits.map((x) => x + 0.01 * Math.sign(x))],
  ])('%s', (_, loss, pred) => {
    tf.tidy(() => expectSlopes(loss, pred, numbers(yes)))
  })
})

it('slopes are right where a formula has a corner: at logits of 0, as fresh heads give', () => {
  tf.tidy(() => {
    const zeros = logits.map(() => 0)
    const wanted = yes.map((z) => (0.5 - z) / 24)
    const close = (got: readonly number[], want: readonly number[]) =>
      got.forEach((g, i) => {
        expect(g).toBeCloseTo(want[i]!, 7)
      })
    close(gradient(bceWithLogitsLossFlat(), zeros, numbers(yes)), wanted)
    close(gradient(bceWithLogitsLossFlat({ posWeight: [1] }), zeros, numbers(yes)), wanted)
    close(gradient(l1LossFlat(), yes, numbers(yes)), zeros)
  })
})

it('slopes are numbers where a place is certain', () => {
  tf.tidy(() => {
    const sure = labels.flatMap((label) => [0, 1, 2, 3].map((c) => (c === label ? 200 : -200)))
    for (const gamma of [0, 0.5, 1, 2]) {
      const grads = gradient(focalLossFlat({ gamma }), sure, classTargets())
      expect(grads.every((g) => Math.abs(g) < 1e-6)).toBe(true)
    }
    const far = gradient(
      bceLossFlat(),
      yes.map((z) => 1 - z),
      numbers(yes),
    )
    expect(far.every(Number.isFinite)).toBe(true)
    expect(far[0]).toBeGreaterThan(0)
    expect(far[1]).toBeLessThan(0)
  })
})
