import { beforeAll, expect, it } from 'vitest'
import { batchNormTrain } from '../kernels/batch-norm.js'
import { dotBias } from '../kernels/dot-bias.js'
import { embedColumns } from '../kernels/embed-columns.js'
import { gridSample } from '../kernels/grid-sample.js'
import { joinColumns } from '../kernels/join-columns.js'
import { type LstmState, type LstmWeights, lstm } from '../kernels/lstm.js'
import { useEngine } from './engine.js'
import { record } from './tape.js'
import * as tf from './tf.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const codes = () => tf.tensor2d([0, 1, 2, 0, 1, 1], [3, 2], 'int32')

/** Kernels that make the gradients of several inputs at once, and the shapes of these inputs. */
const cases: Record<string, readonly [number[][], (...inputs: tf.Tensor[]) => tf.Tensor]> = {
  batchNormTrain: [
    [[5, 3], [3], [3]],
    (x, weight, bias) => batchNormTrain(x!, weight as tf.Tensor1D, bias as tf.Tensor1D).y,
  ],
  dotBias: [
    [
      [3, 4],
      [2, 4],
      [3, 1],
      [2, 1],
    ],
    (...tables) => {
      const [uWeight, iWeight, uBias, iBias] = tables as tf.Tensor2D[]
      return dotBias(codes(), { uWeight: uWeight!, iWeight: iWeight!, uBias: uBias!, iBias: iBias! })
    },
  ],
  embedColumns: [
    [
      [3, 4],
      [2, 5],
      [3, 2],
    ],
    (a, b, beside) => embedColumns([a, b] as tf.Tensor2D[], codes(), beside as tf.Tensor2D),
  ],
  gridSample: [
    [
      [1, 4, 4, 2],
      [1, 3, 3, 2],
    ],
    (x, grid) => gridSample(x as tf.Tensor4D, grid as tf.Tensor4D),
  ],
  lstm: [
    [[2, 3, 4], [2, 5], [2, 5], [4, 20], [5, 20], [20]],
    (x, h, c, weightIh, weightHh, bias) => {
      const weights = { weightIh, weightHh, bias } as unknown as LstmWeights
      return lstm(x as tf.Tensor3D, { h, c } as unknown as LstmState, weights).y
    },
  ],
  joinColumns: [
    [
      [3, 4],
      [3, 2],
    ],
    (left, right) => joinColumns(left as tf.Tensor2D, right as tf.Tensor2D),
  ],
}

it.each(Object.entries(cases))('%s has the same gradients under tf.grads', (_, [shapes, f]) => {
  tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tf.randomNormal(shape, 0, 0.5, 'float32', i + 1))
    const loss = (...given: tf.Tensor[]) => {
      const y = f(...given)
      return tf.sum(tf.mul(y, tf.randomNormal(y.shape, 0, 1, 'float32', 9))) as tf.Scalar
    }
    const { result, tape } = record(() => loss(...inputs))
    const ours = tape.backward(result, inputs)
    const theirs = tf.grads(loss)(inputs)
    expect(theirs.map((t) => [...t.dataSync()])).toEqual(ours.map((t) => [...t!.dataSync()]))
  })
})
