import { type TensorTransform, tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { images, info } from '../../test/batches.js'
import { augTransforms } from './aug-transforms.js'
import { lighting } from './lighting.js'
import { brightness, contrast, saturation } from './lighting-steps.js'
import { randomResizedCropGpu } from './random-resized-crop-gpu.js'
import { spatial } from './spatial.js'
import { flip, rotate, warp, zoom } from './spatial-steps.js'

/** What a transform makes of the images of these indices, each as a list of numbers. */
function through(tfm: TensorTransform, indices: readonly number[], where: Parameters<typeof info>[1] = {}) {
  const results: number[][] = []
  tf.tidy(() => {
    const [y] = tfm.encode([images(indices)], info(indices, where))
    for (const image of tf.unstack(y!)) results.push([...image.dataSync()])
  })
  return results
}

const random: readonly (readonly [string, TensorTransform])[] = [
  ['spatial', spatial([flip(), rotate({ maxDeg: 40, p: 1 }), zoom({ maxZoom: 1.5, p: 1 }), warp({ p: 1 })])],
  ['lighting', lighting([brightness({ p: 1 }), contrast({ p: 1 }), saturation({ p: 1 })])],
]

describe('augmentation of a batch', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it.each(random)('%s: what happens to an image does not depend on the batch it is in', (_, tfm) => {
    const [, five, nine] = through(tfm, [2, 5, 9])
    expect(through(tfm, [9])[0]).toEqual(nine)
    expect(through(tfm, [5, 7, 1])[0]).toEqual(five)
  })

  it.each(random)(
    '%s: is another one in each epoch, with each seed, for each image, and the same when run again',
    (_, tfm) => {
      const [once] = through(tfm, [4])
      expect(through(tfm, [4])[0]).toEqual(once)
      expect(through(tfm, [4], { epoch: 1 })[0]).not.toEqual(once)
      expect(through(tfm, [4], { seed: 4 })[0]).not.toEqual(once)
    },
  )

  it.each(random)('%s: leaves validation images as they are', (_, tfm) => {
    if (tfm.splitIdx === 0) return
    tf.tidy(() => {
      const x = images([1, 2])
      expect(tfm.encode([x], info([1, 2], { split: 1 }))[0]).toBe(x)
    })
  })

  it('shares one draw in a batch when told to', () => {
    const tfm = spatial([rotate({ maxDeg: 40, p: 1 })], { batch: true })
    tf.tidy(() => {
      const one = images([4])
      const [y] = tfm.encode([tf.concat([one, one, one])], info([4, 8, 15]))
      const [a, b, c] = tf.unstack(y!).map((t) => [...t.dataSync()])
      expect(b).toEqual(a)
      expect(c).toEqual(a)
    })
  })

  it('draws two steps of one kind apart', () => {
    const twice = spatial([rotate({ maxDeg: 40, p: 1 }), rotate({ maxDeg: 40, p: 1 })])
    const once = spatial([rotate({ maxDeg: 80, p: 1 })])
    expect(through(twice, [4])[0]).not.toEqual(through(once, [4])[0])
  })

  it('flips half of the images', () => {
    const indices = Array.from({ length: 200 }, (_, i) => i)
    const tfm = spatial([flip()])
    const flipped = through(tfm, indices).filter((y, i) => {
      const [x] = through(spatial([]), [indices[i]!])
      return Math.abs(y[0]! - x![0]!) > 1e-3
    })
    expect(flipped.length).toBeGreaterThan(75)
    expect(flipped.length).toBeLessThan(125)
  })

  it('moves a mask with its image and keeps its classes', () => {
    const tfm = spatial([rotate({ maxDeg: 30, p: 1 }), warp({ p: 1 })], { size: [9, 11] })
    tf.tidy(() => {
      const classes = tf.tensor3d(
        Array.from({ length: 2 * 12 * 16 }, (_, i) => [0, 7, 31][i % 3]!),
        [2, 12, 16],
        'int32',
      )
      const picture = tf.tile(tf.expandDims(tf.cast(classes, 'float32'), 3), [1, 1, 1, 3])
      const kinds = ['image', 'mask', 'category']
      const label = tf.tensor1d([0, 1], 'int32')
      const tensors = [picture, classes, label]
      const [x, mask, same] = tfm.encode(tensors, info([0, 1], { kinds }))
      expect([x!.shape, mask!.shape]).toEqual([
        [2, 9, 11, 3],
        [2, 9, 11],
      ])
      expect(mask!.dtype).toBe('int32')
      expect([...new Set(mask!.dataSync())].sort((a, b) => a - b)).toEqual([0, 7, 31])
      expect(same).toBe(label)
    })
  })

  it('brings validation images to the size of training images', () => {
    const [affine] = augTransforms({ size: [8, 10] })
    tf.tidy(() => {
      for (const split of [0, 1])
        expect(affine!.encode([images([1, 2])], info([1, 2], { split }))[0]!.shape).toEqual([2, 8, 10, 3])
    })
  })

  it('presizes: a random part in training, the middle in validation, both of the wanted size', () => {
    const tfms = augTransforms({ size: 8, minScale: 0.5 })
    expect(tfms.map((t) => t.name)).toEqual(['spatial', 'lighting', 'randomResizedCropGpu'])
    tf.tidy(() => {
      for (const split of [0, 1]) {
        const [y] = tfms[2]!.encode([images([1, 2])], info([1, 2], { split }))
        expect(y!.shape).toEqual([2, 8, 8, 3])
      }
    })
    expect(() => augTransforms({ minScale: 0.5 })).toThrow(/minScale needs a size/)
  })

  it.each<[options: unknown, message: string]>([
    [224, 'augTransforms takes an object, got number 224\n  → say augTransforms({ size: 224 })'],
    [{ size: '224' }, 'augTransforms: the size must be a whole number of pixels, or two, got string "224"'],
    [{ size: null }, 'augTransforms: the size must be a whole number of pixels, or two, got null'],
    [{ maxRotate: Number.NaN }, 'augTransforms: maxRotate must be a number at least 0, got NaN'],
    [{ pAffine: 2 }, 'augTransforms: pAffine must be a number from 0 to 1, got 2'],
    [{ size: 8, minScale: 5 }, 'augTransforms: minScale must be a number from 0 to 1, got 5'],
    [{ maxLighting: '0.2' }, 'augTransforms: maxLighting must be a number from 0 to 1, got string "0.2"'],
  ])('refuses %j', (options, message) => {
    expect(() => augTransforms(options as object)).toThrow(message)
  })

  it('crops all images of a batch alike on the device', () => {
    tf.tidy(() => {
      const one = images([4])
      const [y] = randomResizedCropGpu(6, { minScale: 0.2 }).encode([tf.concat([one, one])], info([4, 8]))
      const [a, b] = tf.unstack(y!).map((t) => [...t.dataSync()])
      expect(b).toEqual(a)
    })
  })

  it('keeps light between 0 and 1', () => {
    const extreme = lighting([brightness({ maxLighting: 0.99, p: 1 }), contrast({ maxLighting: 0.9, p: 1 })])
    for (const y of through(extreme, [1, 2, 3, 4])) {
      expect(Math.min(...y)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...y)).toBeLessThanOrEqual(1)
    }
  })

  it('writes itself down', () => {
    expect(
      JSON.parse(JSON.stringify(augTransforms({ size: 32, maxWarp: 0 }).map((t) => t.toJSON!()))),
    ).toEqual([
      {
        steps: [
          { name: 'flip', p: 0.5 },
          { name: 'rotate', maxDeg: 10, p: 0.75 },
          { name: 'zoom', minZoom: 1, maxZoom: 1.1, p: 0.75 },
        ],
        size: [32, 32],
        mode: 'bilinear',
        padMode: 'reflection',
        alignCorners: true,
        batch: false,
      },
      {
        steps: [
          { name: 'brightness', maxLighting: 0.2, p: 0.75 },
          { name: 'contrast', maxLighting: 0.2, p: 0.75 },
        ],
        batch: false,
      },
    ])
  })
})
