import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnyModule,
  type BatchNorm,
  Learner,
  Linear,
  Module,
  Sequential,
  setSeed,
  tf,
  useEngine,
  withSeed,
} from '@espalier/core'
import { categoryBlock, dataBlock, indexSplitter, type NdArray, ndArray } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Blob, blobLoaders, blobs, reach, side, tinyArch } from '../../test/blobs.js'
import { type VisionLearnerOptions, visionLearner } from '../index.js'
import { imageBlock } from '../node/index.js'
import { cam } from './cam.js'
import type { ClassMap } from './class-maps.js'
import { gradCam, topLossMaps } from './grad-cam.js'
import { heatOf, heatOver, resizedMap } from './heat-map.js'

const folder = mkdtempSync(join(tmpdir(), 'cam-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(async () => {
  await useEngine('wasm')
  setSeed(3)
})

const learner = async (options: VisionLearnerOptions = {}) =>
  visionLearner(await blobLoaders(), tinyArch, { pretrained: false, verbose: false, seed: 4, ...options })

/** Runs something on what the body makes of a blob, `[1, 8, 8, 16]`, as the model predicts. */
function onFeatures<T>(
  model: Sequential<[tf.Tensor4D]>,
  i: number,
  use: (a: tf.Tensor4D, head: AnyModule) => T,
): T {
  const [body, head] = model.layers as [AnyModule, AnyModule]
  model.eval()
  let result: T | undefined
  tf.tidy(() => {
    const x = tf.div<tf.Tensor4D>(tf.tensor4d(blobs[i]!.picture.data, [1, side, side, 3]), 255)
    result = use(body.forward(x as never) as tf.Tensor4D, head)
  })
  model.train()
  return result!
}

const scoresOf = (head: AnyModule, a: tf.Tensor4D) => [...(head.forward(a as never) as tf.Tensor).dataSync()]
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length

type Two = readonly [Blob, Blob]

/** Compares what one body makes of two pictures. */
class Twins extends Module<[tf.Tensor4D, tf.Tensor4D], tf.Tensor2D> {
  readonly body: Sequential<[tf.Tensor4D], tf.Tensor4D>
  readonly head = new Linear(32, 2)

  constructor(net: AnyModule) {
    super()
    this.body = new Sequential([...net.children()].slice(0, 3).map(([, m]) => m))
    for (const w of [...net.children()].slice(3).flatMap(([, m]) => m.parameters())) w.dispose()
  }

  forward(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor2D {
    const pooled = [a, b].map((x) => tf.mean(this.body.forward(x), [1, 2]) as tf.Tensor2D)
    return this.head.forward(tf.concat(pooled, 1))
  }
}

describe('cam', () => {
  it('is the sum of the channels, each with its weight in the head: its mean is the score but for a constant', async () => {
    using learn = await learner({ linFtrs: [], concatPool: false })
    await learn.fit(1, 1e-2) // The norm of the head has statistics of its own.
    const { maps, photo } = await cam(learn, blobs[70], { classes: ['bright', 1, 0] })
    expect(photo.data).toEqual(blobs[70]!.picture.data)
    expect(maps.map((m) => [m.label, m.index])).toEqual([
      ['bright', 0],
      ['dark', 1],
      ['bright', 0],
    ])
    const [norm, , linear] = (learn.model.layers[1] as Sequential).layers.slice(2) as [
      BatchNorm,
      unknown,
      Linear,
    ]
    expect([norm, linear].map((m) => m.kind)).toEqual(['BatchNorm1d', 'Linear'])
    onFeatures(learn.model, 70, (a, head) => {
      const w = tf.div(norm.weight, tf.sqrt(tf.add(norm.runningVar, 1e-5))) // [16]
      const weighted = tf.mul(linear.weight, tf.expandDims(w, 1)) // [16, 2]
      const expected = tf.matMul(tf.reshape(a, [64, 16]), weighted as tf.Tensor2D).dataSync()
      const [score] = [scoresOf(head, a)]
      const [constant] = [scoresOf(head, tf.zerosLike(a))]
      for (const { index, values, score: given } of maps) {
        expect(values.shape).toEqual([8, 8])
        for (let p = 0; p < 64; p++) expect(values.data[p]).toBeCloseTo(expected[2 * p + index]!, 4)
        expect(given).toBeCloseTo(score[index]!, 4)
        expect(mean(values.data)).toBeCloseTo(score[index]! - constant[index]!, 4)
      }
    })
  })

  it('takes the half of the means where the head pools both ways', async () => {
    using learn = await learner({ linFtrs: [] })
    await learn.fit(1, 1e-2)
    const { maps } = await cam(learn, blobs[3], { classes: [1] })
    onFeatures(learn.model, 3, (a, head) => {
      const before = scoresOf(head, a)[1]!
      // A channel that gets more at a place that is not its largest moves its mean and not its maximum.
      for (const k of [0, 7, 15]) {
        const values = tf.slice(a, [0, 0, 0, k], [1, 8, 8, 1]).dataSync()
        const least = values.indexOf(Math.min(...values))
        const step = Math.max(...values) - values[least]!
        const bump = tf.oneHot(tf.scalar(least * 16 + k, 'int32'), 1024)
        const after = scoresOf(
          head,
          tf.add(a, tf.mul(tf.reshape(tf.cast(bump, 'float32'), [1, 8, 8, 16]), step)),
        )[1]!
        expect(after - before).toBeCloseTo((maps[0]!.weights[k]! * step) / 64, 4)
      }
    })
  })

  it('says where a head is not linear', async () => {
    using learn = await learner()
    await expect(cam(learn, blobs[0])).rejects.toThrow(
      /its head has a ReLU between pooling and output\n.*gradCam/,
    )
  })
})

describe('gradCam', () => {
  it('weighs channels by the mean gradient, as finite differences give it, and drops what is below 0', async () => {
    using learn = await learner({ linFtrs: [12] })
    const { maps } = await gradCam(learn, blobs[5], { classes: ['dark', 'bright'] })
    onFeatures(learn.model, 5, (a, head) => {
      const step = 1e-2
      for (const { index, weights, values } of maps) {
        for (let k = 0; k < 16; k++) {
          const more = (by: number) => {
            const one = tf.mul(tf.cast(tf.oneHot(tf.scalar(k, 'int32'), 16), 'float32'), by)
            return scoresOf(head, tf.add(a, one))[index]!
          }
          expect(weights[k]).toBeCloseTo((more(step) - more(-step)) / (2 * step) / 64, 4)
        }
        const raw = tf.relu(tf.sum(tf.mul(tf.squeeze(a, [0]), tf.tensor1d(weights)), 2)).dataSync()
        for (const [p, v] of raw.entries()) expect(values.data[p]).toBeCloseTo(v, 5)
      }
    })
  })

  it('is a 64th of the positive part of cam, where cam can be made and pooling is by mean', async () => {
    using learn = await learner({ linFtrs: [], concatPool: false })
    await learn.fit(1, 1e-2)
    const [one, other] = [await cam(learn, blobs[1]), await gradCam(learn, blobs[1])]
    for (const [p, v] of one.map().values.data.entries()) {
      expect(other.map().values.data[p]).toBeCloseTo(Math.max(0, v) / 64, 5)
    }
  })

  it('looks at any layer, by path or as a module', async () => {
    using learn = await learner()
    const shapes = []
    for (const layer of ['0.0', '0.1', '0.2.0', learn.model.layers[0]!]) {
      shapes.push((await gradCam(learn, blobs[1], { layer })).map().values.shape)
    }
    expect(shapes).toEqual([
      [16, 16],
      [8, 8],
      [8, 8],
      [8, 8],
    ])
    await expect(gradCam(learn, blobs[1], { layer: '0.9' })).rejects.toThrow(
      `'0.9' is no layer of this model`,
    )
    await expect(gradCam(learn, blobs[1], { layer: '1.8' })).rejects.toThrow(
      /gives \[1,2\]: that is no feature map/,
    )
    await expect(gradCam(learn, blobs[1], { classes: ['grey'] })).rejects.toThrow('one of bright, dark')
    await expect(gradCam(learn, blobs[1], { input: 1 })).rejects.toThrow(
      'input 1 of these items is no picture',
    )
  })

  it('on a trained model the hottest place lies on the thing', async () => {
    using learn = await learner({ linFtrs: [], concatPool: false })
    await learn.fitOneCycle(8, 2e-2)
    const training = [...learn.model.modules()].map(([, m]) => m.training)
    const hits = { cam: 0, gradCam: 0, early: 0 }
    const on = ({ values }: ClassMap, [x, y]: readonly [number, number]) => {
      const heat = resizedMap(heatOf(values), side, side)
      const at = heat.data.indexOf(Math.max(...heat.data))
      return Math.max(Math.abs((at % side) - x), Math.abs(Math.floor(at / side) - y)) <= reach + 2
    }
    const valid = blobs.slice(64)
    for (const blob of valid) {
      const classes = [blob.label]
      hits.cam += Number(on((await cam(learn, blob, { classes })).map(), blob.at))
      hits.gradCam += Number(on((await gradCam(learn, blob, { classes })).map(), blob.at))
      hits.early += Number(on((await gradCam(learn, blob, { classes, layer: '0.1' })).map(), blob.at))
    }
    // The thing covers a seventh of the picture: by chance a third of them would be hit with the margin.
    expect(hits.cam).toBeGreaterThanOrEqual(14)
    expect(hits.gradCam).toBeGreaterThanOrEqual(14)
    expect(hits.early).toBeGreaterThanOrEqual(10)
    expect([...learn.model.modules()].map(([, m]) => m.training)).toEqual(training)

    const interp = await learn.interpret()
    const worst = await topLossMaps(interp, 3)
    expect(worst.map((m) => m.id)).toEqual(interp.topLosses(3).map((l) => l.id))
    expect(worst.map((m) => m.map().label)).toEqual(interp.topLosses(3).map((l) => l.predicted))
    for (const [i, m] of worst.entries()) {
      expect(m.map().probability).toBeCloseTo(interp.topLosses(3)[i]!.probability, 5)
      const alone = await gradCam(learn, blobs[64 + interp.topLosses(3)[i]!.index])
      for (const [p, v] of alone.map().values.data.entries()) expect(m.map().values.data[p]).toBeCloseTo(v, 5)
    }
    await expect(topLossMaps(interp, [40])).rejects.toThrow('there is no loss of some of these ranks')
  })

  it('looks into the one or the other of two pictures', async () => {
    const dls = await dataBlock({
      blocks: [imageBlock(), imageBlock(), categoryBlock()],
      getItems: (source: readonly Blob[]) =>
        source.slice(1).map((blob, i) => [source[i - (i % 3 ? 0 : 1)] ?? blob, blob] as const),
      getters: [
        ([a]: Two) => a.picture,
        ([, b]: Two) => b.picture,
        ([a, b]: Two) => String(a.label === b.label),
      ],
      nInp: 2,
      splitter: indexSplitter([0, 1, 2, 3]),
    }).dataLoaders(blobs.slice(0, 20), { bs: 4 })
    const net = withSeed(1, () => new Twins(tinyArch()))
    using learn = new Learner(dls, net, { verbose: false })
    const pair = [blobs[4]!, blobs[9]!] as const
    const [one, other] = [await gradCam(learn, pair), await gradCam(learn, pair, { input: 1 })]
    expect(one.photo.data).toEqual(blobs[4]!.picture.data)
    expect(other.photo.data).toEqual(blobs[9]!.picture.data)
    expect(one.map().values.shape).toEqual([8, 8])
    expect(other.map().values.data).not.toEqual(one.map().values.data)
    await expect(gradCam(learn, pair, { input: 2 })).rejects.toThrow('input 2 of these items is no picture')
  })

  it('is drawn over the photo and saved', async () => {
    using learn = await learner()
    const maps = await gradCam(learn, blobs[1], { classes: ['bright', 'dark'] })
    const figure = maps.plot()
    await figure.save(join(folder, 'why.svg'))
    const svg = readFileSync(join(folder, 'why.svg'), 'utf8')
    expect(svg.match(/<image/g)).toHaveLength(3)
    expect(svg).toContain('>dark<')
    await figure.save(join(folder, 'why.png'))
    expect([...readFileSync(join(folder, 'why.png')).subarray(1, 4)]).toEqual([80, 78, 71])
    expect(maps.overlay('dark').shape).toEqual([side, side, 3])
    expect(() => maps.map('grey')).toThrow("there is no map of the class 'grey'")
  })
})

describe('a heat map', () => {
  const map = (shape: readonly number[], ...values: number[]): NdArray<'float32'> =>
    ndArray('float32', shape, values)

  it('is enlarged between the middles of its places', () => {
    const { data } = resizedMap(map([1, 2], 0, 1), 2, 8)
    expect([...data.subarray(0, 8)]).toEqual([0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1])
    expect([...data.subarray(8)]).toEqual([...data.subarray(0, 8)])
  })

  it('covers the photo the more the hotter it is; what speaks against a class shows the photo as it is', () => {
    const photo = ndArray('uint8', [1, 3, 1], [10, 20, 30])
    expect([...heatOf(map([1, 3], -4, 2, 4)).data]).toEqual([0, 0.5, 1])
    const { data, shape } = heatOver(photo, map([1, 3], -4, 0, 4))
    expect(shape).toEqual([1, 3, 3])
    expect([...data.subarray(0, 6)]).toEqual([10, 10, 10, 20, 20, 20])
    expect([...data.subarray(6)]).toEqual(
      [0.3 * 30 + 0.7 * 253, 0.3 * 30 + 0.7 * 231, 0.3 * 30 + 0.7 * 37].map(Math.round),
    )
    expect([...heatOver(photo, map([1, 1], 0)).data]).toEqual([10, 10, 10, 20, 20, 20, 30, 30, 30])
  })
})
