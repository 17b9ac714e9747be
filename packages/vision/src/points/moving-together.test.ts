import { type TensorTransform, tf, useEngine } from '@espalier/core'
import { applyItemTransforms, type ItemTransform, type NdArray, ndArray, Random } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { info } from '../../test/batches.js'
import { height, markedBatch, markedMask, markedPicture, middle, places, width } from '../../test/marked.js'
import {
  augTransforms,
  cropPad,
  dihedral,
  dihedralItem,
  flip,
  flipItem,
  type PadMode,
  pointScaler,
  RasterImage,
  randomCrop,
  randomResizedCrop,
  randomResizedCropGpu,
  ratioResize,
  resize,
  rotate,
  type SpatialOptions,
  type SpatialStep,
  spatial,
  toTensor,
  warp,
  zoom,
} from '../index.js'

const items: readonly (readonly [string, ItemTransform])[] = [
  ['resize', resize([40, 44])],
  ['resize, padded', resize([60, 40], { method: 'pad', padMode: 'zeros' })],
  ['resize, squeezed', resize([31, 90], { method: 'squish' })],
  ['randomResizedCrop', randomResizedCrop(40, { minScale: 0.8, ratio: [1, 1.2] })],
  ['randomCrop', randomCrop([44, 58])],
  ['cropPad, smaller', cropPad([40, 50])],
  ['cropPad, larger', cropPad([70, 71])],
  ['ratioResize', ratioResize(90)],
  ['flipItem', flipItem({ p: 1 })],
  ['dihedralItem', dihedralItem({ p: 1 })],
]

/** Half a pixel of the result, in coordinates from −1 to 1. */
const near = ([h, w]: readonly number[]) => 1 / Math.min(h!, w!)

function expectNear(got: readonly number[], want: readonly number[], tolerance: number, what: string): void {
  for (const [i, v] of want.entries())
    expect(Math.abs(got[i]! - v), `${what}: ${got} and ${want}`).toBeLessThan(tolerance)
}

describe.each(items)('%s', (_, tfm) => {
  it.each([0, 1])('takes points, boxes and masks along with the picture, in split %i', async (split) => {
    for (const [i, [x, y]] of places.entries()) {
      for (let epoch = 0; epoch < 4; epoch++) {
        const sample = [
          RasterImage.of(markedPicture([x, y])),
          RasterImage.of(markedMask([x, y])),
          ndArray('float32', [1, 2], [x + 0.5, y + 0.5], 'points'),
          ndArray('float32', [1, 4], [x - 2, y - 2, x + 3, y + 3], 'boxes'),
        ]
        const random = new Random(2, 'sample', epoch, i)
        const made = await applyItemTransforms([pointScaler(), tfm, toTensor()], sample, { split, random })
        const [picture, mask, points, boxes] = made as NdArray[]
        const at = middle(picture!.data, picture!.shape)
        expectNear(points!.data as never, at, 0.6 * near(picture!.shape), 'point')
        expectNear(middle(mask!.data, mask!.shape), at, near(picture!.shape), 'mask')
        const [left, top, right, bottom] = boxes!.data
        expectNear([(left! + right!) / 2, (top! + bottom!) / 2], at, 0.6 * near(picture!.shape), 'box')
        expect(right! > left! && bottom! > top!).toBe(true)
        expect([points!.kind, boxes!.kind]).toEqual(['points', 'boxes'])
      }
    }
  })
})

const steps: readonly (readonly [string, readonly SpatialStep[]])[] = [
  ['flip', [flip({ p: 1 })]],
  ['dihedral', [dihedral({ p: 1 })]],
  ['rotate', [rotate({ maxDeg: 40, p: 1 })]],
  ['zoom', [zoom({ minZoom: 0.8, maxZoom: 1.3, p: 1 })]],
  ['warp', [warp({ magnitude: 0.2, p: 1 })]],
  ['all', [flip(), warp({ p: 1 }), rotate({ p: 1 }), zoom({ p: 1 })]],
]
const forms: readonly SpatialOptions[] = [
  {},
  { alignCorners: false },
  { size: [60, 60] },
  { size: [20, 40], alignCorners: false },
  { size: 18 },
  { mode: 'nearest' },
]
const kinds = ['image', 'mask', 'points', 'boxes']

/** Where the transform takes the marks of a batch, and what it says the points are. */
function expectTogether(tfm: TensorTransform, epoch: number, split = 0): void {
  tf.tidy(() => {
    const indices = places.map((_, i) => i)
    const [picture, mask, points, boxes] = tfm.encode(
      markedBatch(),
      info(indices, { epoch, split, kinds }),
    ) as [tf.Tensor4D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D]
    const shape = picture.shape.slice(1, 3)
    const pictures = tf.unstack(picture).map((t) => t.dataSync())
    const masks = tf.unstack(mask).map((t) => t.dataSync())
    expect(mask.shape.slice(1)).toEqual(shape)
    for (const i of indices) {
      const at = middle(pictures[i]!, shape)
      expectNear([...points.dataSync()].slice(2 * i, 2 * i + 2), at, near(shape), 'point')
      expectNear(middle(masks[i]!, shape), at, 1.2 * near(shape), 'mask')
      const [left, top, right, bottom] = [...boxes.dataSync()].slice(4 * i, 4 * i + 4)
      expectNear([(left! + right!) / 2, (top! + bottom!) / 2], at, 1.5 * near(shape), 'box')
    }
  })
}

describe('on batches', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  describe.each(steps)('%s', (_, some) => {
    it.each(forms)('takes points, boxes and masks along, %j', (options) => {
      const before = tf.memory().numTensors
      for (let epoch = 0; epoch < 4; epoch++)
        expectTogether(spatial(some, { padMode: 'zeros' as PadMode, ...options }), epoch)
      expect(tf.memory().numTensors).toBe(before)
    })
  })

  it.each([true, false])('is exact at the edges, corners aligned: %s', (alignCorners) => {
    const corners = [
      [3, 3],
      [60, 44],
      [2, 45],
    ] as const
    for (const some of [
      [flip({ p: 1 })],
      [dihedral({ p: 1, draw: 4 })],
      [zoom({ p: 1, draw: 0.9, drawX: 0.5, drawY: 0.5 })],
    ]) {
      tf.tidy(() => {
        const [picture, points] = spatial(some, { alignCorners, padMode: 'zeros' }).encode(
          markedBatch(corners).filter((_, i) => i !== 1 && i !== 3),
          info([0, 1, 2], { kinds: ['image', 'points'] }),
        ) as [tf.Tensor4D, tf.Tensor3D]
        for (const [i, t] of tf.unstack(picture).entries()) {
          const at = middle(t.dataSync(), [height, width])
          expectNear([...points.dataSync()].slice(2 * i, 2 * i + 2), at, 0.0015, 'point')
        }
      })
    }
  })

  it('brings them to a size in validation', () => {
    expectTogether(spatial([rotate({ p: 1 })], { size: [30, 31] }), 0, 1)
  })

  it('cuts a part out of them', () => {
    for (const split of [0, 1])
      for (let epoch = 0; epoch < 4; epoch++)
        expectTogether(randomResizedCropGpu([32, 40], { minScale: 0.7 }), epoch, split)
  })

  it('leaves the boxes that fill a batch up where they are', () => {
    tf.tidy(() => {
      const [picture, , , boxes] = markedBatch()
      const filled = tf.concat([boxes, tf.zeros([places.length, 2, 4])], 1)
      const [, moved] = spatial([rotate({ p: 1 })]).encode(
        [picture, filled],
        info([0, 1, 2], { kinds: ['image', 'boxes'] }),
      )
      expect([...tf.slice(moved!, [0, 1, 0]).dataSync()].every((v) => v === 0)).toBe(true)
      expect(tf.slice(moved!, [0, 0, 0], [3, 1, 4]).dataSync()).not.toEqual(boxes.dataSync())
    })
  })

  it('does what augTransforms does, presized or not', () => {
    for (const t of [augTransforms({ maxLighting: 0, padMode: 'zeros' })]) {
      for (let epoch = 0; epoch < 4; epoch++) expectTogether(t[0]!, epoch)
    }
    expect([height, width]).toEqual([48, 64])
  })
})
