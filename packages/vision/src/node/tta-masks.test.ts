import { crossEntropyLossFlat, Learner, Module, type TensorTransform, tf, useEngine } from '@espalier/core'
import { dataBlock, indexSplitter, type NdArray, ndArray } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  augTransforms,
  dihedral,
  flip,
  randomResizedCropGpu,
  resize,
  rotate,
  spatial,
  warp,
  zoom,
} from '../index.js'
import { imageBlock } from './image-block.js'
import { maskBlock } from './mask-block.js'

/** Smooth hills of light, other ones in each picture. */
function picture(item: number): NdArray<'uint8'> {
  const [h, w] = [44, 56]
  const data = Uint8Array.from({ length: h * w }, (_, i) => {
    const [x, y] = [(i % w) / w, Math.floor(i / w) / h]
    return 127 + 90 * Math.sin(5 * x + item) * Math.cos(4 * y - 2 * item) + 30 * (x - y)
  })
  return ndArray('uint8', [h, w, 1], data)
}

/** Says of every pixel how light it is: what it sees of an altered picture is altered alike. */
class Light extends Module<[tf.Tensor4D], tf.Tensor4D> {
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const logits = tf.mul<tf.Tensor4D>(tf.sub(x, 0.5), 4)
    return tf.concat<tf.Tensor4D>([logits, tf.neg(logits)], 3)
  }
}

async function learner(batchTfms: readonly TensorTransform[], itemTfms = [resize([44, 56])]) {
  const dls = await dataBlock({
    blocks: [imageBlock({ grey: true }), maskBlock({ codes: ['dark', 'light'], values: [0, 1] })],
    getItems: (source: readonly number[]) => source,
    getX: picture,
    getY: () => ndArray('uint8', [44, 56, 1], new Uint8Array(44 * 56)),
    splitter: indexSplitter([0, 1, 2]),
    itemTfms,
    batchTfms,
  }).dataLoaders([0, 1, 2, 3, 4], { bs: 2 })
  return new Learner(dls, new Light(), { lossFunc: crossEntropyLossFlat(), verbose: false })
}

const all = [flip(), warp({ p: 1 }), rotate({ maxDeg: 30, p: 1 }), zoom({ minZoom: 0.8, maxZoom: 1.3, p: 1 })]
const ways: readonly (readonly [string, readonly TensorTransform[]])[] = [
  ['all geometry', [spatial(all)]],
  ['corners not aligned', [spatial(all, { alignCorners: false })]],
  ['another size', [spatial(all, { size: [36, 40] })]],
  ['turns', [spatial([dihedral({ p: 1 })])]],
  ['a random part', [randomResizedCropGpu(40, { minScale: 0.5, ratio: [1, 1] })]],
  ['presized', augTransforms({ size: 40, minScale: 0.6, maxLighting: 0 })],
]

describe('test-time augmentation of masks', () => {
  beforeAll(async () => {
    await useEngine('wasm')
  })

  it.each(ways)('brings what it predicts back: %s', async (_, batchTfms) => {
    const before = tf.memory().numTensors
    {
      using learn = await learner(batchTfms)
      const { augmented, plain, ids } = await learn.tta({ n: 6, beta: null })
      const size = batchTfms.length > 1 || plain.shape[1] === 40 ? 40 : plain.shape[1]!
      expect(augmented.shape).toEqual([3, size, plain.shape[2]!, 2])
      expect(ids).toHaveLength(3)
      let most = 0
      let moved = 0
      const { data } = plain
      for (const [i, v] of augmented.data.entries()) most = Math.max(most, Math.abs(v - data[i]!))
      for (let i = 0; i + 20 < data.length; i++) moved = Math.max(moved, Math.abs(data[i + 20]! - data[i]!))
      expect(most).toBeLessThan(0.06)
      // Predictions are far from flat: not brought back they would be far off.
      expect(moved).toBeGreaterThan(0.5)
      const { preds, decoded } = await learn.tta({ n: 2, useMax: true })
      expect([preds.shape, decoded.shape]).toEqual([plain.shape, plain.shape.slice(0, 3)])
    }
    expect(tf.memory().numTensors).toBe(before)
  })

  it('lets no crop of single items alter them', async () => {
    using learn = await learner([spatial([flip({ p: 1 })])], [resize(40)])
    const { augmented, plain } = await learn.tta({ n: 1, beta: null })
    for (const [i, v] of augmented.data.entries()) expect(Math.abs(v - plain.data[i]!)).toBeLessThan(1e-4)
  })
})
