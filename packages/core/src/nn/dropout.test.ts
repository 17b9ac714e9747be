import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { Dropout } from './dropout.js'
import { setDropoutPlace } from './next-drops.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const n = 4000

/** What one layer after the other makes of ones at one place of a run. */
function drop(layers: readonly Dropout[], seed = 1, step = 0): number[][] {
  setDropoutPlace(seed, step)
  return tf.tidy(() => layers.map((layer) => [...layer.forward(tf.ones([n])).dataSync()]))
}

it('zeroes a share of the elements and scales the others up', () => {
  const [kept] = drop([new Dropout(0.25)])
  expect(new Set(kept)).toEqual(new Set([0, Math.fround(1 / 0.75)]))
  expect(kept!.filter((v) => v === 0).length / n).toBeCloseTo(0.25, 1)
  expect(kept!.reduce((a, b) => a + b) / n).toBeCloseTo(1, 1)
})

it('does nothing with p 0, and leaves nothing with p 1', () => {
  tf.tidy(() => {
    const x = tf.ones([3])
    expect(new Dropout(0).forward(x)).toBe(x)
    expect([...new Dropout(1).forward(x).dataSync()]).toEqual([0, 0, 0])
    expect(new Dropout(0.5).eval().forward(x)).toBe(x)
  })
  for (const p of [-0.1, 1.1, Number.NaN]) {
    expect(() => new Dropout(p)).toThrow(`Dropout: p must be in [0, 1], got ${p}`)
  }
})

it('draws the same at the same place, and anew at each step, seed and layer', () => {
  const pair = [new Dropout(), new Dropout()]
  const [first, second] = drop(pair)
  expect(drop(pair)).toEqual([first, second])
  expect(second).not.toEqual(first)
  expect(drop(pair, 1, 1)[0]).not.toEqual(first)
  expect(drop(pair, 2, 0)[0]).not.toEqual(first)
})

it('passes gradients where it passes values', () => {
  setDropoutPlace(3, 0)
  const layer = new Dropout(0.5)
  tf.tidy(() => {
    let y: tf.Tensor | undefined
    const dx = tf.grad((x) => {
      y = tf.keep(layer.forward(x))
      return y
    })(tf.ones([50]))
    expect([...dx.dataSync()]).toEqual([...y!.dataSync()])
    y!.dispose()
  })
})
