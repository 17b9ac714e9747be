import { type AnyModule, Learner, Module, tf, useEngine } from '@espalier/core'
import { dataBlock, indexSplitter, type NdArray, ndArray } from '@espalier/data'
import { beforeAll, expect, expectTypeOf, it } from 'vitest'
import { tinyArch } from '../../test/blobs.js'
import { imageBlock, type MaskPrediction, maskBlock, pointBlock, unetLearner } from '../node/index.js'
import { errorOver } from './error-over.js'
import { gradCam } from './grad-cam.js'
import { SegmentationInterpretation } from './segmentation-interpretation.js'

beforeAll(async () => {
  await useEngine('wasm')
})

interface Pair {
  readonly picture: NdArray<'uint8'>
  readonly mask: NdArray<'uint8'>
}

const [h, w] = [4, 6]
const codes = ['ground', 'thing', 'void']

/** A picture of two shades that the mask agrees with but for `wrong` pixels, and a pixel without a class. */
function pairOf(wrong: number): Pair {
  const truth = Array.from({ length: h * w }, (_, i) => (i === h * w - 1 ? 9 : i === 5 ? 2 : i < 12 ? 0 : 1))
  const shades = truth.flatMap((c, i) => new Array(3).fill((c === 1) !== i < wrong ? 200 : 50))
  return {
    picture: ndArray('uint8', [h, w, 3], shades),
    mask: ndArray('uint8', [h, w], truth),
  }
}
const pairs = [pairOf(0), pairOf(3), pairOf(0), pairOf(1)]

const loaders = (ignore: readonly number[] = [9]) =>
  dataBlock({
    blocks: [imageBlock(), maskBlock({ codes, ignore })],
    getItems: (source: readonly Pair[]) => source,
    getX: (pair: Pair) => pair.picture,
    getY: (pair: Pair) => pair.mask,
    splitter: indexSplitter([1, 2, 3]),
  }).dataLoaders(pairs, { bs: 2, dropLast: false })

/** Takes bright pixels for the thing and the rest for ground. */
class Threshold extends Module<[tf.Tensor4D], tf.Tensor4D> {
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const bright = tf.sub(tf.mean(x, 3, true), 0.5)
    return tf.concat([tf.neg(bright), bright, tf.sub(tf.mul(bright, 0), 5)], 3) as tf.Tensor4D
  }
}

it('counts pixels by class, without those that do not count', async () => {
  using learn = new Learner(await loaders(), new Threshold(), { verbose: false })
  const interp = await SegmentationInterpretation.fromLearner(learn)
  // Of 3 masks of 24 pixels one has no class in each; 4 pixels of ground are bright.
  expect(interp.confusionMatrix()).toEqual([
    [29, 4, 0],
    [0, 33, 0],
    [3, 0, 0],
  ])
  expect(interp.accuracy).toBeCloseTo(62 / 69)
  expect(interp.perClass()).toEqual([
    { label: 'ground', accuracy: 29 / 33, precision: 29 / 32, iou: 29 / 36, dice: 58 / 65, pixels: 33 },
    { label: 'thing', accuracy: 1, precision: 33 / 37, iou: 33 / 37, dice: 66 / 70, pixels: 33 },
    { label: 'void', accuracy: 0, precision: Number.NaN, iou: 0, dice: 0, pixels: 3 },
  ])
  expect(interp.worst().map((e) => [e.index, e.wrong])).toEqual([
    [0, 4 / 23],
    [2, 2 / 23],
    [1, 1 / 23],
  ])
  expect(interp.losses).toEqual((await learn.interpret()).losses)

  const some = await SegmentationInterpretation.fromLearner(learn, { ignore: ['void'] })
  expect(some.confusionMatrix()[2]).toEqual([0, 0, 0])
  expect(some.perClass().map((c) => c.label)).toEqual(['ground', 'thing'])
  expect(some.accuracy).toBeCloseTo(62 / 66)
  expect(some.worst(1)).toEqual([
    { index: 0, id: interp.worst(1)[0]!.id, wrong: 3 / 22, loss: interp.losses[0] },
  ])
  await expect(SegmentationInterpretation.fromLearner(learn, { ignore: ['sky'] })).rejects.toThrow(
    'there is no class "sky" to be ignored',
  )
})

it('shows what is true, what was predicted and where it is wrong', async () => {
  using learn = new Learner(await loaders(), new Threshold(), { verbose: false })
  const interp = await SegmentationInterpretation.fromLearner(learn)
  const svg = await interp.plotErrors(2).toSVG()
  expect(svg.match(/<image/g)).toHaveLength(6)
  expect(svg).toContain('17.4 % wrong')
  expect((await interp.plotTopLosses(1).toSVG()).match(/<image/g)).toHaveLength(2)
  expect(await interp.plotConfusionMatrix().toSVG()).toContain('void')

  const pixels = errorOver(
    ndArray('uint8', [1, 4, 1], [40, 40, 40, 40]),
    ndArray('uint8', [1, 4], [0, 0, 255, 2]),
    ndArray('uint8', [1, 4], [0, 1, 0, 0]),
    new Set([2]),
  )
  const at = (i: number) => [...pixels.data.subarray(3 * i, 3 * i + 3)]
  expect(at(0)).toEqual([94, 94, 94])
  expect(at(1)).toEqual([171, 40, 31])
  expect([at(2), at(3)]).toEqual([
    [106, 106, 106],
    [106, 106, 106],
  ])
})

it('looks into a U-Net at the end of its encoder', async () => {
  using learn = await unetLearner(await loaders(), tinyArch, { pretrained: false, verbose: false })
  expectTypeOf(
    SegmentationInterpretation.fromLearner(learn),
  ).resolves.toEqualTypeOf<SegmentationInterpretation>()
  const interp = await SegmentationInterpretation.fromLearner(learn)
  expect(interp.accuracy).toBeGreaterThanOrEqual(0)
  const { maps } = await gradCam(learn, pairs[0], { classes: ['thing'] })
  expect(maps[0]!.values.shape).toEqual([1, 2])
  const prediction: MaskPrediction = await learn.predict(pairs[0])
  const { probabilities } = prediction
  const mean = probabilities.data.reduce((sum, v, i) => sum + (i % 3 === 1 ? v : 0), 0) / (h * w)
  expect(maps[0]!.probability).toBeGreaterThan(0)
  expect(mean).toBeGreaterThan(0)
})

it('what has no masks is refused', async () => {
  const points = await dataBlock({
    blocks: [imageBlock(), pointBlock()],
    getItems: (source: readonly Pair[]) => source,
    getX: (pair: Pair) => pair.picture,
    getY: () => [[1, 2]],
    splitter: indexSplitter([0, 1]),
  }).dataLoaders(pairs, { bs: 2, dropLast: false })
  class Middle extends Module<[tf.Tensor4D], tf.Tensor> {
    forward(x: tf.Tensor4D): tf.Tensor {
      return tf.zeros([x.shape[0], 2])
    }
  }
  using learn = new Learner(points, new Middle() as AnyModule, {
    verbose: false,
    lossFunc: Object.assign(
      (p: tf.Tensor, y: tf.Tensor) => tf.mean(tf.squaredDifference(p, tf.reshape(y, p.shape))),
      {
        perItem: (p: tf.Tensor, y: tf.Tensor) =>
          tf.mean(tf.squaredDifference(p, tf.reshape(y, p.shape)), 1) as tf.Tensor1D,
      },
    ),
  })
  await expect(
    SegmentationInterpretation.fromLearner(learn as unknown as Learner<AnyModule, MaskPrediction>),
  ).rejects.toThrow('these data loaders have no masks')
  // Points are drawn into the picture, the true ones beside the predicted ones.
  const interp = await learn.interpret()
  const svg = await interp.plotTopLosses(2).toSVG()
  expect(svg.match(/<image/g)).toHaveLength(4)
  expect(svg).toContain('>predicted<')
  expect(svg).not.toContain('(0, 0)')
  expect((await learn.showResults({ maxN: 1 }).toSVG()).match(/<image/g)).toHaveLength(2)
})
