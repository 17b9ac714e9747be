import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { dropFactors, dropMask, keptBytes } from './drop-mask.js'
import { setDropoutPlace } from './next-drops.js'

beforeAll(async () => {
  await useEngine('cpu')
})

it('drops as many as it should, scales the rest, and depends on the place alone', () => {
  const draw = () => dropFactors([100_001], 0.3)
  setDropoutPlace(1, 7)
  const mask = draw()
  const dropped = mask.filter((v) => v === 0).length / mask.length
  expect(dropped).toBeCloseTo(0.3, 1.9)
  expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.7)]))
  setDropoutPlace(1, 7)
  expect(draw()).toEqual(mask)
  expect(draw()).not.toEqual(mask)
  expect(new Set(dropFactors([10], 1))).toEqual(new Set([0]))
})

it('keeps what it should, whatever the fraction, one byte for each number', () => {
  const size = 140_003
  const draw = (step: number, p: number) => {
    setDropoutPlace(2, step)
    const words = tf.tidy(() => keptBytes(size, p).dataSync() as Int32Array)
    return new Uint8Array(words.buffer, words.byteOffset, size)
  }
  const shares = Array.from({ length: 40 }, (_, step) => draw(step, 0.1).reduce((a, b) => a + b) / size)
  expect(shares.reduce((a, b) => a + b) / shares.length).toBeCloseTo(0.9, 2.5)
  expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(0.01)
  const half = draw(0, 0.5)
  expect(new Set(half)).toEqual(new Set([0, 1]))
  for (const lane of [0, 1, 2, 3])
    expect(half.filter((_, i) => i % 4 === lane).reduce((a, b) => a + b) / (size / 4)).toBeCloseTo(0.5, 1.9)
  expect(draw(0, 0.5)).toEqual(half)
  expect(new Set(draw(0, 1))).toEqual(new Set([0]))
  expect(new Set(draw(0, 0))).toEqual(new Set([1]))
})

it('is the same as a tensor', () => {
  setDropoutPlace(1, 8)
  const plain = dropFactors([3, 5], 0.5)
  setDropoutPlace(1, 8)
  tf.tidy(() => {
    const mask = dropMask([3, 5], 0.5)
    expect(mask.shape).toEqual([3, 5])
    expect(mask.dataSync()).toEqual(plain)
  })
})
