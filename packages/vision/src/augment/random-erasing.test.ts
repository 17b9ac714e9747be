import { type TensorTransform, tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { info } from '../../test/batches.js'
import { randomErasing } from './random-erasing.js'

const [h, w] = [20, 30]

/** Pixels of each image, all 7 but where something was erased. */
function through(tfm: TensorTransform, indices: readonly number[], where: Parameters<typeof info>[1] = {}) {
  const results: number[][] = []
  const before = tf.memory().numTensors
  tf.tidy(() => {
    const [y] = tfm.encode([tf.fill([indices.length, h, w, 3], 7)], info(indices, where))
    for (const image of tf.unstack(y!)) results.push([...image.dataSync()])
  })
  expect(tf.memory().numTensors).toBe(before)
  return results
}

const erased = (image: readonly number[]) => image.flatMap((v, i) => (v === 7 ? [] : [i]))

describe('randomErasing', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it('fills one rectangle of each image with noise of mean 0 and deviation 1', () => {
    const all = through(randomErasing({ p: 1, sl: 0.1 }), [1, 2, 3, 4, 5, 6, 7, 8])
    const values: number[] = []
    for (const image of all) {
      const places = erased(image)
      values.push(...places.map((i) => image[i]!))
      const rows = new Set(places.map((i) => Math.floor(i / 3 / w)))
      const columns = new Set(places.map((i) => Math.floor(i / 3) % w))
      expect(places).toHaveLength(3 * rows.size * columns.size)
      expect(places.length / image.length).toBeLessThan(0.4)
    }
    const mean = values.reduce((a, b) => a + b) / values.length
    const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.1)
    expect(variance).toBeGreaterThan(0.85)
    expect(variance).toBeLessThan(1.15)
  })

  it('depends on seed, epoch and image alone', () => {
    const tfm = randomErasing({ p: 1, sl: 0.05 })
    const [, five] = through(tfm, [2, 5])
    expect(through(tfm, [5, 9])[0]).toEqual(five)
    expect(through(tfm, [5], { epoch: 1 })[0]).not.toEqual(five)
    expect(through(tfm, [5], { seed: 9 })[0]).not.toEqual(five)
    expect(through(tfm, [6])[0]).not.toEqual(five)
  })

  it('shares its rectangles in a batch when told to', () => {
    const [a, b] = through(randomErasing({ p: 1, sl: 0.05, batch: true }), [3, 4])
    expect(erased(b!)).toEqual(erased(a!))
  })

  it('happens to some images, and to none where p is 0', () => {
    const indices = Array.from({ length: 200 }, (_, i) => i)
    const n = through(randomErasing({ p: 0.5, sl: 0.05 }), indices).filter((y) => erased(y).length > 0).length
    expect(n).toBeGreaterThan(75)
    expect(n).toBeLessThan(125)
    tf.tidy(() => {
      const x = tf.ones([1, 4, 4, 3])
      const label = tf.ones([1])
      const kinds = ['image', 'category']
      expect(randomErasing({ p: 0 }).encode([x, label], info([1], { kinds }))).toEqual([x, label])
    })
    expect(randomErasing().splitIdx).toBe(0)
  })

  it.each<[options: object, message: string]>([
    [{ sh: 2 }, 'randomErasing: sh must be a number from 0 to 1, got 2'],
    [{ sl: 0.5 }, 'sh must be a number from 0.5 to 1, got 0.3'],
    [{ minAspect: 0 }, 'minAspect must be a number from 0.01 to 1, got 0'],
    [{ maxCount: 0 }, 'maxCount must be a number from 1 to 1000, got 0'],
    [{ max_count: 2 }, "has no option 'max_count'\n  → did you mean maxCount?"],
  ])('refuses %j', (options, message) => {
    expect(() => randomErasing(options)).toThrow(message)
  })
})
