import { record, tf, useEngine } from '@espalier/core'
import { dropoutKernel, embedDropped } from '@espalier/core/kernels'
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

describeNative('dropout by oneDNN', () => {
  const shape: [number, number] = [3, 2003] // More than JavaScript does, and no multiple of what vectors hold.
  const size = shape[0] * shape[1]
  const words = Int32Array.from(
    { length: Math.ceil(size / 4) },
    (_, i) => [0x01000100, 0x00010101, 0][i % 3]!,
  )
  const bytes = [...new Uint8Array(words.buffer)].slice(0, size)
  const weights = () => tf.reshape(tf.cos(tf.range(0, size)), shape)

  beforeAll(async () => {
    await useEngine('native')
  })

  /** What is kept of `x`, weighted; the second time other numbers. */
  const dropped = (x: tf.Tensor, kept = words) =>
    tf.sum(tf.mul(dropoutKernel({ x, kept: tf.tensor1d(kept, 'int32') }, { scale: 1.25 })[0]!, weights()))

  it('keeps what its bytes say', () => {
    tf.tidy(() => {
      const x = tf.sin(tf.reshape(tf.range(0, size), shape))
      const [y] = dropoutKernel({ x, kept: tf.tensor1d(words, 'int32') }, { scale: 1.25 })
      const expected = [...x.dataSync()].map((v, i) => Math.fround(v * bytes[i]! * 1.25) + 0)
      expect(y!.shape).toEqual(shape)
      expect([...y!.dataSync()]).toEqual(expected)
    })
  })

  it('has gradients that add up in place', () => {
    tf.tidy(() => {
      const x = tf.ones<tf.Rank.R2>(shape)
      const slope = (make: () => tf.Tensor) => {
        const { result, tape } = record(make)
        return [...tape.backward(result, [x])[0]!.dataSync()]
      }
      const others = words.map((word) => word ^ 0x01010101)
      const alone = slope(() => dropped(x))
      expect(alone).toEqual([...weights().dataSync()].map((v, i) => Math.fround(v * bytes[i]! * 1.25) + 0))
      const whole = [...weights().dataSync()].map((v) => Math.fround(v * 1.25) + 0)
      expect(slope(() => tf.add(dropped(x), dropped(x, others)))).toEqual(whole)
    })
  })
})
