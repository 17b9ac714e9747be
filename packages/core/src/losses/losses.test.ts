import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { bceWithLogitsLossFlat } from './bce-with-logits.js'
import { crossEntropyLossFlat } from './cross-entropy.js'
import type { Loss } from './loss.js'
import { mseLossFlat } from './mse.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const number = (loss: Loss, pred: tf.Tensor, target: tf.Tensor) => loss(pred, target).dataSync()[0]

it('take targets of another shape and as many elements', () => {
  tf.tidy(() => {
    expect(number(mseLossFlat(), tf.tensor2d([[1], [3]]), tf.tensor1d([2, 1]))).toBe(2.5)
    const logits = tf.tensor2d([[0], [0]])
    expect(number(bceWithLogitsLossFlat(), logits, tf.tensor1d([1, 0]))).toBeCloseTo(Math.log(2), 6)
  })
})

it.each([
  ['mse', mseLossFlat()],
  ['bceWithLogits', bceWithLogitsLossFlat()],
])('%s refuses targets of another size, with both shapes', (name, loss) => {
  tf.tidy(() => {
    const [pred, target] = [tf.zeros([4, 3]), tf.zeros([4])]
    const message =
      `${name}: predictions [4,3] and targets [4] have 12 and 4 elements\n` +
      '  → it compares them one by one; for classes use crossEntropyLossFlat()'
    expect(() => loss(pred, target)).toThrow(message)
    expect(() => loss.perItem!(pred, target)).toThrow(message)
  })
})

it('crossEntropy refuses labels that are no classes, and weights that are not one for each', () => {
  tf.tidy(() => {
    const pred = tf.zeros([2, 3])
    for (const [label, got] of [
      [3, 3],
      [-1, -1],
    ] as const) {
      expect(() => crossEntropyLossFlat()(pred, tf.tensor1d([0, label], 'int32'))).toThrow(
        `crossEntropy: label ${got} is not one of the 3 classes 0 … 2\n` +
          '  → compare the vocabulary of the data with the number of outputs of the model',
      )
    }
    expect(() => crossEntropyLossFlat()(pred, tf.tensor1d([0], 'int32'))).toThrow(
      '2 rows of logits but 1 labels',
    )
    const weighted = crossEntropyLossFlat({ weight: [1, 2] })
    expect(() => weighted(pred, tf.tensor1d([0, 1], 'int32'))).toThrow(
      'crossEntropy: 2 class weights for 3 classes\n  → give one weight for each class',
    )
  })
})
