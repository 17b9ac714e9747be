import { record, tf, useEngine } from '@espalier/core'
import { embedDropped } from '@espalier/core/kernels'
import { beforeAll, expect, it } from 'vitest'
import { describeNative } from './support/native.js'

const width = 3
const [first, second] = [
  [3, 1, 0, 3],
  [2, 3, 1, 1],
]
const kept = Float32Array.of(1, 1, 0, 1)
const weights = () => tf.reshape(tf.range(1, 4 * width + 1), [4, width])

/** A number that rows of a table make: row 1 is padding, and the third row is dropped. */
function looked(table: tf.Tensor, ids: readonly number[]): tf.Tensor {
  const attrs = { kept, scale: 2, padIdx: 1 }
  const rows = embedDropped(table as tf.Tensor2D, tf.tensor1d([...ids], 'int32'), attrs)
  return tf.sum(tf.mul(rows, weights()))
}

/** The gradient of a table in what is made of it. */
function gradient(make: (table: tf.Tensor) => tf.Tensor): number[] {
  const table = tf.ones<tf.Rank.R2>([5, width])
  const { result, tape } = record(() => make(table))
  return [...tape.backward(result, [table])[0]!.dataSync()]
}

describeNative('gradients of tables', () => {
  beforeAll(async () => {
    await useEngine('native')
  })

  it('add up in place, each once', () => {
    tf.tidy(() => {
      const [a, b] = [gradient((t) => looked(t, first!)), gradient((t) => looked(t, second!))]
      const both = gradient((t) => tf.add(looked(t, first!), looked(t, second!)))
      expect(both).toEqual(a.map((v, i) => v + b[i]!))
      expect(both.slice(0, 2 * width)).toEqual([0, 0, 0, 0, 0, 0])
      expect(a.slice(3 * width, 4 * width)).toEqual([1 + 10, 2 + 11, 3 + 12].map((v) => 2 * v))
    })
  })

  it('leave alone what somebody else holds', () => {
    tf.tidy(() => {
      const held: tf.Tensor[] = []
      const watched = tf.customGrad((x) => ({
        value: tf.clone(x as tf.Tensor),
        gradFunc: (dy: tf.Tensor) => {
          held.push(tf.keep(tf.clone(dy)))
          return dy
        },
      })) as (x: tf.Tensor) => tf.Tensor
      const alone = gradient((t) => looked(t, second!))
      const both = gradient((t) => {
        const early = looked(t, first!)
        return tf.add(early, looked(watched(t), second!))
      })
      expect([...held[0]!.dataSync()]).toEqual(alone)
      expect(both).not.toEqual(alone)
      tf.dispose(held)
    })
  })
})
