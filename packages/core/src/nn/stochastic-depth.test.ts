import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, numbers, run } from '../../test/expect-slopes.js'
import { useEngine } from '../engine/engine.js'
import { record } from '../engine/tape.js'
import * as tf from '../engine/tf.js'
import { setDropoutPlace } from './next-drops.js'
import { StochasticDepth } from './stochastic-depth.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** What became of each picture: left out, or scaled by so much. */
const scales = (layer: StochasticDepth, n: number): number[] =>
  tf.tidy(() => {
    const y = run(layer, tf.ones([n, 2, 3, 4]))
    const [least, most] = [tf.min(y, [1, 2, 3]), tf.max(y, [1, 2, 3])]
    expect(numbers(least)).toEqual(numbers(most))
    return numbers(most)
  })

describe('StochasticDepth', () => {
  it('leaves whole pictures out, and scales the others so that the mean stays', () => {
    setDropoutPlace(3, 0)
    const drops = scales(new StochasticDepth(0.25), 2000)
    expect(new Set(drops)).toEqual(new Set([0, Math.fround(4 / 3)]))
    expect(drops.reduce((a, b) => a + b) / drops.length).toBeCloseTo(1, 1)
  })

  it('draws by the place of a step, and by layer within it', () => {
    const layer = new StochasticDepth(0.5)
    const at = (step: number) => {
      setDropoutPlace(3, step)
      return [scales(layer, 32), scales(layer, 32)]
    }
    const [first, second] = at(5)
    expect(at(5)).toEqual([first, second])
    expect(second).not.toEqual(first)
    expect(at(6)[0]).not.toEqual(first)
  })

  it('does nothing in eval mode or without a chance', () => {
    tf.tidy(() => {
      const x = drawn([2, 1, 1, 3])
      expect(new StochasticDepth(0.9).eval().forward(x)).toBe(x)
      expect(new StochasticDepth(0).forward(x)).toBe(x)
    })
    expect(scales(new StochasticDepth(1), 3)).toEqual([0, 0, 0])
    expect(() => new StochasticDepth(1.5)).toThrow('StochasticDepth: p must be in [0, 1], got 1.5')
  })

  it('hands the gradient of what stays on, scaled alike', () => {
    setDropoutPlace(3, 0)
    tf.tidy(() => {
      const layer = new StochasticDepth(0.5)
      const x = tf.variable(drawn([8, 1, 2, 1]))
      const { result, tape } = record(() => {
        const y = run(layer, x)
        return { y, loss: tf.sum(y) }
      })
      const [grad] = tape.backward(result.loss, [x])
      expect(numbers(grad!)).toEqual(numbers(tf.round(tf.div(result.y, x))))
      x.dispose()
    })
  })
})
