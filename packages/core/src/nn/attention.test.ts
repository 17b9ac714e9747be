import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, expectSlopes, numbers, run, shake } from '../../test/expect-slopes.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { withSeed } from './init.js'
import { PooledSelfAttention2d } from './pooled-self-attention2d.js'
import { SimpleSelfAttention } from './simple-self-attention.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const kinds = [
  ['SimpleSelfAttention', () => withSeed(2, () => new SimpleSelfAttention(6, 3))],
  ['PooledSelfAttention2d', () => withSeed(2, () => new PooledSelfAttention2d(8))],
] as const

describe.each(kinds)('%s', (_, make) => {
  const shape = (n: number) => [2, 4, 6, n]

  it('begins as what it gets', () => {
    using layer = make()
    tf.tidy(() => {
      const x = drawn(shape(layer instanceof SimpleSelfAttention ? 6 : 8))
      expect(numbers(run(layer.eval(), x))).toEqual(numbers(x))
    })
  })

  it('has the gradient that finite differences find', () => {
    using layer = make()
    shake(layer, 0.3)
    layer.eval()
    expectSlopes(layer, shape(layer instanceof SimpleSelfAttention ? 6 : 8), 5e-3)
  })

  it('lets a place see the others, and no other picture', () => {
    using layer = make()
    shake(layer, 0.3)
    layer.eval()
    tf.tidy(() => {
      const x = drawn(shape(layer instanceof SimpleSelfAttention ? 6 : 8))
      const corner = tf.pad(tf.mul(drawn([1, 1, 1, x.shape[3]], 5), 3), [
        [0, 1],
        [3, 0],
        [5, 0],
        [0, 0],
      ])
      const change = tf.abs(tf.sub(run(layer, tf.add(x, corner)), run(layer, x)))
      const [first, second] = tf.unstack(change)
      expect(numbers(tf.max(tf.slice(first!, [0, 0, 0], [2, 3, -1])))[0]).toBeGreaterThan(0)
      expect(numbers(tf.max(second!))[0]).toBe(0)
    })
  })
})
