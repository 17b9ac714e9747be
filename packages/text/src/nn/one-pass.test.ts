import { record, tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { maskedConcatPool } from './masked-concat-pool.js'
import { outputPenalty } from './output-penalty.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** What a function makes of `x`, and the slope of its sum, weighted so that no two parts are alike. */
function valueAndSlope(x: tf.Tensor, f: () => tf.Tensor): number[] {
  const { result, tape } = record(() => {
    const y = f()
    return { y, sum: tf.sum(tf.mul(y, tf.reshape(tf.range(1, y.size + 1), y.shape))) }
  })
  const [dx] = tape.backward(result.sum, [x])
  return [...result.y.dataSync(), ...dx!.dataSync()]
}

function expectSame(x: tf.Tensor, ours: () => tf.Tensor, composed: () => tf.Tensor): void {
  const [a, b] = [valueAndSlope(x, ours), valueAndSlope(x, composed)]
  expect(a.length).toBe(b.length)
  for (const [i, v] of a.entries()) expect(v).toBeCloseTo(b[i]!, 4)
}

describe('the penalty of outputs', () => {
  it.each([
    [2, 5, 3],
    [2, 2, 3],
    [3, 1, 2],
  ] as const)('is what its parts come to, for [%i, %i, %i]', (b, t, n) => {
    for (const [alpha, beta] of [
      [2, 1],
      [0, 1],
      [2, 0],
    ] as const)
      tf.tidy(() => {
        const x = tf.randomNormal<tf.Rank.R3>([b, t, n])
        const composed = () => {
          const size = tf.mul(tf.mean(tf.square(x)), alpha)
          if (t === 1) return size
          const [after, before] = [tf.slice(x, [0, 1, 0]), tf.slice(x, [0, 0, 0], [b, t - 1, n])]
          return tf.add(size, tf.mul(tf.mean(tf.squaredDifference(after, before)), beta))
        }
        expectSame(x, () => outputPenalty(x, { alpha, beta }), composed)
      })
  })
})

describe('pooling of texts', () => {
  it('is the last, the largest and the mean of the tokens, and so is its gradient', () => {
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R3>([3, 4, 2])
      const padding = [
        [1, 0, 0, 1],
        [0, 0, 0, 0],
        [1, 1, 1, 1],
      ]
      const rows = [
        [1, 2],
        [0, 4],
      ] as const
      const composed = () => {
        const texts = rows.map(([from, n], i) => tf.reshape(tf.slice(x, [i, from, 0], [1, n, 2]), [n, 2]))
        const pooled = texts.map((text, i) =>
          tf.concat([
            tf.reshape(tf.slice(text, [rows[i]![1] - 1, 0], [1, 2]), [2]),
            tf.max(text, 0),
            tf.mean(text, 0),
          ]),
        )
        return tf.stack([...pooled, tf.zeros([6])])
      }
      expectSame(x, () => maskedConcatPool(x, tf.tensor2d(padding, [3, 4], 'int32')), composed)
    })
  })
})
