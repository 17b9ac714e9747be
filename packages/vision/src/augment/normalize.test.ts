import { tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { images, info } from '../../test/batches.js'
import { cifarStats, imagenetStats, mnistStats, normalize } from './normalize.js'

describe('normalize', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it('gives each channel of the batch it was set up on mean 0 and deviation 1', () => {
    const tfm = normalize()
    tf.tidy(() => {
      const x = images([1, 2, 3])
      tfm.setup!([x], info([1, 2, 3]))
      const [y] = tfm.encode([x], info([1, 2, 3]))
      const { mean, variance } = tf.moments(y!, [0, 1, 2])
      for (const m of mean.dataSync()) expect(m).toBeCloseTo(0, 5)
      for (const v of variance.dataSync()) expect(v).toBeCloseTo(1, 2)
      const [back] = tfm.decode!([y!], info([1, 2, 3]))
      expect(tf.max(tf.abs(tf.sub(back!, x))).dataSync()[0]).toBeLessThan(1e-6)
    })
  })

  it('keeps given statistics through a setup', () => {
    const tfm = normalize(cifarStats)
    tf.tidy(() => tfm.setup!([images([1])], info([1])))
    expect(tfm.toJSON!()).toEqual({ mean: cifarStats.mean, std: cifarStats.std })
  })

  it('survives a picture of one colour', () => {
    const tfm = normalize()
    tf.tidy(() => {
      const x = tf.fill([1, 4, 4, 3], 0.25)
      tfm.setup!([x], info([0]))
      const [y] = tfm.encode([x], info([0]))
      expect([...y!.dataSync()].every((v) => v === 0)).toBe(true)
    })
  })

  it('says what is missing or does not fit', () => {
    tf.tidy(() => {
      expect(() => normalize().encode([images([1])], info([1]))).toThrow(/not known yet[\s\S]*imagenetStats/)
      expect(() => normalize(mnistStats).encode([images([1])], info([1]))).toThrow(
        /statistics of 1 channels.*have 3/,
      )
    })
    expect(() => normalize({ mean: [0, 0], std: [1] })).toThrow(
      'normalize: means (0, 0) and deviations (1) must be as many, and deviations above 0\n  → give one of each',
    )
    expect(() => normalize(3 as unknown as typeof imagenetStats)).toThrow(
      'normalize takes { mean, std }, got number 3\n  → say normalize(imagenetStats)',
    )
    expect(() => normalize({ ...imagenetStats, std: [1, 0, 1] })).toThrow(/above 0/)
  })
})
