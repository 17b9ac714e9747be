import { tf, useEngine } from '@espalier/core'
import { relu, sparseCrossEntropy } from '@espalier/core/kernels'
import { beforeAll, expect, it } from 'vitest'
import { describeNative } from './support/native.js'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

describeNative('what is no number', () => {
  beforeAll(async () => {
    await useEngine('native')
  })

  it('passes a rectifier, of few and of many', () => {
    for (const n of [4, 5000, 2 ** 20 + 4])
      tf.tidy(() => {
        const values = new Float32Array(n)
        values.set([nan, -inf, inf, -1], n - 4)
        expect([
          ...relu(tf.tensor1d(values))
            .dataSync()
            .subarray(n - 4),
        ]).toEqual([nan, 0, inf, 0])
      })
  })

  it('is a loss that is none either, and slopes that are none', () => {
    const columns = 5000
    const rows = [
      { at: 7, value: nan, label: 7, loss: nan },
      { at: 7, value: nan, label: 9, loss: nan },
      { at: 7, value: inf, label: 7, loss: nan },
      { at: 7, value: inf, label: 9, loss: nan },
      { at: 7, value: -inf, label: 7, loss: inf },
      { at: 7, value: 300, label: 9, loss: 300 },
      { at: 7, value: 300, label: 7, loss: 0 },
    ]
    tf.tidy(() => {
      const logits = new Float32Array(rows.length * columns)
      for (const [i, { at, value }] of rows.entries()) logits[i * columns + at] = value
      const labels = tf.tensor1d(
        rows.map(({ label }) => label),
        'int32',
      )
      const x = tf.tensor2d(logits, [rows.length, columns])
      expect([...sparseCrossEntropy(x, labels).dataSync()]).toEqual(rows.map(({ loss }) => loss))
      const slopes = tf
        .grad((v) => tf.sum(sparseCrossEntropy(v as tf.Tensor2D, labels)))(x)
        .dataSync()
      for (const [i, { loss }] of rows.entries()) {
        if (Number.isNaN(loss)) expect(slopes[i * columns]).toBe(nan)
      }
    })
  })
})
