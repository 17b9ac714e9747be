import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, expectSlopes, numbers, run } from '../../test/expect-slopes.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { BlurPool2d } from './blur-pool2d.js'
import { convLayer } from './conv-layer.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe('BlurPool2d', () => {
  it('weighs a place and its neighbours by (1, 2, 1) / 4 along both axes', () => {
    tf.tidy(() => {
      const point = tf.pad(tf.ones<tf.Rank.R4>([1, 1, 1, 1]), [
        [0, 0],
        [2, 2],
        [2, 2],
        [0, 0],
      ])
      const blurred = run(new BlurPool2d(1), point)
      const row = [1 / 16, 2 / 16, 1 / 16]
      const zeros = [0, 0, 0, 0, 0]
      const line = (by: number) => [0, ...row.map((v) => v * by), 0]
      expect(numbers(blurred)).toEqual([...zeros, ...line(1), ...line(2), ...line(1), ...zeros])
    })
  })

  it.each([
    [7, 5, 2, 4, 3],
    [6, 8, 2, 3, 4],
    [7, 6, 3, 3, 2],
    [1, 2, 2, 1, 1],
  ])('gives ⌈size / stride⌉ and the mean of what is even: %i×%i by %i', (h, w, stride, rows, columns) => {
    tf.tidy(() => {
      const y = run(new BlurPool2d(stride), tf.fill([2, h, w, 3], 0.5))
      expect(y.shape).toEqual([2, rows, columns, 3])
      expect(new Set(numbers(y))).toEqual(new Set([0.5]))
    })
  })

  it('has the gradient that finite differences find', () => {
    expectSlopes(new BlurPool2d(2), [2, 5, 6, 3])
  })
})

describe('convLayer({ antiAlias })', () => {
  it('takes the stride by blurring, and keeps weights and sizes', () => {
    using plain = convLayer(3, 4, { stride: 2 })
    using blurring = convLayer(3, 4, { stride: 2, antiAlias: true })
    const names = (m: typeof plain) => [...m.weights()].map((w) => w.path)
    expect(names(blurring)).toEqual(names(plain))
    expect(String(blurring)).toContain('(3): BlurPool2d(stride=2)')
    tf.tidy(() => {
      const x = drawn([2, 7, 8, 3])
      expect(run(blurring, x).shape).toEqual(run(plain, x).shape)
    })
    blurring.eval()
    expectSlopes(blurring, [1, 5, 5, 3], 3e-3)
  })

  it('changes nothing where nothing shrinks', () => {
    using layer = convLayer(3, 4, { antiAlias: true })
    expect(String(layer)).not.toContain('BlurPool2d')
  })

  it('makes a shift of the picture matter less', () => {
    const difference = (antiAlias: boolean) => {
      using layer = convLayer(1, 8, { stride: 2, antiAlias })
      layer.eval()
      return tf.tidy(() => {
        const x = drawn([1, 32, 33, 1])
        const at = (left: number) => run(layer, tf.slice(x, [0, 0, left, 0], [1, 32, 32, 1]))
        const [a, b] = [at(0), at(1)]
        return numbers(tf.div(tf.norm(tf.sub(a, b)), tf.norm(a)))[0]!
      })
    }
    expect(difference(true)).toBeLessThan(0.8 * difference(false))
  })
})
