import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { useEngine } from './engine.js'
import { hostUpdate } from './host-update.js'
import * as tf from './tf.js'

const add = (variable: tf.Variable, grad: tf.Tensor) =>
  hostUpdate([variable], [grad], ([from], [g], [to]) => {
    for (let i = 0; i < g!.length; i++) to![i] = from![i]! + g![i]!
  })

for (const engine of ['cpu', 'wasm'] as const)
  describe(`values of variables that are given new ones on ${engine}`, () => {
    let variable: tf.Variable
    let one: tf.Tensor
    beforeAll(async () => {
      await useEngine(engine)
    })
    afterEach(() => tf.dispose([variable as tf.Tensor, one]))

    const begin = () => {
      one = tf.ones([3])
      variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3])))
    }
    const numbers = (t: tf.Tensor) => Array.from(t.dataSync())

    it('become what they should, step after step, and nothing is left behind', () => {
      begin()
      add(variable, one)
      const before = tf.memory().numTensors
      for (let i = 0; i < 3; i++) add(variable, one)
      expect(numbers(variable)).toEqual([5, 6, 7])
      expect(tf.memory().numTensors).toBe(before)
    })

    it('stay what they were for clones, reshaped forms, slices and arrays', () => {
      begin()
      add(variable, one)
      const array = variable.dataSync()
      const others = [tf.clone(variable as tf.Tensor), tf.reshape(variable, [3, 1]), tf.slice(variable, 0, 3)]
      for (let i = 0; i < 2; i++) add(variable, one)
      for (const t of others) expect(numbers(t)).toEqual([2, 3, 4])
      expect(Array.from(array)).toEqual([2, 3, 4])
      expect(numbers(variable)).toEqual([4, 5, 6])
      tf.dispose(others)
      for (let i = 0; i < 2; i++) add(variable, one)
      expect(numbers(variable)).toEqual([6, 7, 8])
    })

    it('leave the array alone that a variable was made of', () => {
      one = tf.ones([3])
      const given = Float32Array.of(1, 2, 3)
      variable = tf.tidy(() => tf.variable(tf.tensor1d(given)))
      for (let i = 0; i < 2; i++) add(variable, one)
      expect([...given]).toEqual([1, 2, 3])
    })
  })
