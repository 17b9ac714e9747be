import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, expectSlopes, numbers, run } from '../../test/expect-slopes.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { AnyModule } from './module.js'
import { seModule } from './se-module.js'
import { SqueezeExcite } from './squeeze-excite.js'
import { Swish } from './swish.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe.each<[string, () => AnyModule]>([
  ['SqueezeExcite', () => new SqueezeExcite(6, 2, new Swish())],
  ['seModule', () => seModule(6, 2)],
])('%s', (_, make) => {
  it('scales each channel of each picture by one number between 0 and 1', () => {
    using layer = make()
    tf.tidy(() => {
      const x = drawn([2, 3, 4, 6])
      const scale = tf.div(run(layer, x), x)
      const [least, most] = [tf.min(scale, [1, 2]), tf.max(scale, [1, 2])]
      expect(numbers(tf.max(tf.sub(most, least)))[0]).toBeLessThan(1e-5)
      expect(numbers(tf.min(least))[0]).toBeGreaterThan(0)
      expect(numbers(tf.max(most))[0]).toBeLessThan(1)
    })
  })

  it('has the gradient that finite differences find', () => {
    using layer = make()
    expectSlopes(layer, [2, 3, 4, 6])
  })
})
