import { beforeAll, expect, it } from 'vitest'
import { useEngine } from './engine.js'
import { noGrad } from './no-grad.js'
import { record } from './tape.js'
import * as tf from './tf.js'

beforeAll(() => useEngine('cpu'))

it('makes constants of what it computes, and keeps nothing of the way there', () => {
  tf.tidy(() => {
    const x = tf.variable(tf.tensor1d([1, 2, 3]))
    const held: number[] = []
    const { result, tape } = record(() => {
      const before = tf.memory().numTensors
      const squares = noGrad(() => tf.square(tf.mul(x, 2)))
      held.push(tf.memory().numTensors - before)
      return tf.sum(tf.mul(x, squares)) // Σ x · 4x², of which only the first factor counts
    })
    expect(held).toEqual([1])
    const [dx] = tape.backward(result, [x])
    expect([...dx!.dataSync()]).toEqual([4, 16, 36])
    x.dispose()
  })
})

it('records again afterwards, also when it threw', () => {
  tf.tidy(() => {
    const x = tf.variable(tf.scalar(3))
    const { result, tape } = record(() => {
      expect(() =>
        noGrad(() => {
          throw new Error('inside')
        }),
      ).toThrow('inside')
      return tf.square(x)
    })
    expect(tape.backward(result, [x])[0]!.dataSync()[0]).toBe(6)
    x.dispose()
  })
})

it('is a scope of its own where nothing is recorded', () => {
  const y = noGrad(() => tf.add(tf.scalar(1), tf.scalar(2)))
  expect(y.dataSync()[0]).toBe(3)
  y.dispose()
})
