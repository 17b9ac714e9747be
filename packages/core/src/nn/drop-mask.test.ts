import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { dropFactors, dropMask } from './drop-mask.js'
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

it('drops of many weights what it should, whatever the fraction, and each the same', () => {
  const means = Array.from({ length: 40 }, (_, step) => {
    setDropoutPlace(2, step)
    return dropFactors([140_003], 0.1).filter((v) => v === 0).length / 140_003
  })
  expect(means.reduce((a, b) => a + b) / means.length).toBeCloseTo(0.1, 2.5)
  expect(Math.max(...means) - Math.min(...means)).toBeLessThan(0.01)
  setDropoutPlace(2, 0)
  expect(new Set(dropFactors([140_003], 1))).toEqual(new Set([0]))
  expect(dropFactors([140_003], 0)).not.toContain(0)
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
