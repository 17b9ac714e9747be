import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AdaptiveAvgPool2d,
  accuracy,
  convLayer,
  diceMulti,
  Flatten,
  foregroundAcc,
  Linear,
  params,
  ReLU,
  Sequential,
  Tanh,
  tf,
  useEngine,
} from '@espalier/core'
import { dataBlock, EspalierError, noSplitter } from '@espalier/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Pair, pairOf } from '../../test/pairs.js'
import {
  arch,
  defaultSplit,
  imageBlock,
  loadLearner,
  type MaskPrediction,
  maskBlock,
  registerArch,
  resize,
  type UnetLearnerOptions,
  unetLearner,
} from '../node/index.js'

/** A small network that is registered as a user would. */
const tiny = arch('test-for-masks', ({ numClasses = 10 }) => {
  const net = new Sequential<[tf.Tensor4D], tf.Tensor2D>([
    convLayer(3, 8, { stride: 2 }),
    convLayer(8, 16, { stride: 2 }),
    new AdaptiveAvgPool2d(1),
    new Flatten(),
    new Linear(16, numClasses),
  ])
  return Object.assign(net, {
    stages: [net.slice(0, 1), net.slice(1, 2)],
    channels: [8, 16],
    groups: () => [params(net)],
  })
})

const folder = mkdtempSync(join(tmpdir(), 'unet-'))
beforeAll(async () => {
  await useEngine('wasm')
  registerArch(tiny, { cut: -3, split: defaultSplit })
})
afterAll(() => rmSync(folder, { recursive: true }))

const pairs = Array.from({ length: 8 }, (_, i) => pairOf(i))
const codes = ['ground', 'disc', 'square']

function loaders(bs = 8) {
  const block = dataBlock({
    blocks: [imageBlock(), maskBlock({ codes, ignore: 9 })],
    getItems: (source: readonly Pair[]) => source,
    getX: (pair: Pair) => pair.image,
    getY: (pair: Pair) => pair.mask,
    splitter: noSplitter(),
    itemTfms: [resize([24, 28])],
  })
  return block.dataLoaders(pairs, { bs, seed: 1 })
}

const options: UnetLearnerOptions = { pretrained: false, seed: 2, verbose: false }

it('learns 8 masks by heart in 200 steps, predicts them, and is the same once exported and loaded', async () => {
  const dls = await loaders()
  const metrics = [foregroundAcc({ bkgIdx: 255, name: 'pixels' }), diceMulti()]
  using learn = await unetLearner(dls, tiny, { ...options, metrics, act: () => new Tanh(), blur: true })
  await learn.fitOneCycle(200, { stop: 1e-2 })
  expect(learn.run.step).toBe(200)
  const dl = dls.testDl(pairs, { withLabels: true })
  const { pixels, dice_multi: dice } = await learn.validate(dl)
  expect(pixels).toBeGreaterThanOrEqual(0.99)
  expect(dice).toBeGreaterThanOrEqual(0.97)

  const item = pairs[3]!
  const prediction: MaskPrediction = await learn.predict(item)
  const { mask, probabilities, areas } = prediction
  expect(mask).toMatchObject({ shape: [24, 28], dtype: 'uint8', kind: 'mask' })
  expect(probabilities.shape).toEqual([24, 28, 3])
  expect(areas[0]!.label).toBe('ground')
  expect(areas.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6)
  const right = mask.data.reduce((n, v, i) => n + Number(v === item.mask.data[i]), 0)
  expect(right / mask.data.length).toBeGreaterThan(0.98)
  for (let i = 0; i < 3 * 50; i += 3) {
    const row = probabilities.data.subarray(i, i + 3)
    expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    expect(row[mask.data[i / 3]!]).toBe(Math.max(...row))
  }

  expect(await learn.showResults({ dl, maxN: 2 }).toSVG()).toContain('<image')
  expect(await dls.showBatch({ maxN: 2 }).toSVG()).toContain('<image')
  expect(await learn.summary()).toContain('ResizeToOrig')
  const interp = await learn.interpret(dl)
  const [worst, next] = interp.topLosses(2)
  expect(worst!.loss).toBeGreaterThanOrEqual(next!.loss)
  expect(await interp.plotTopLosses(2).toSVG()).toContain('<image')
  const { decoded } = await learn.getPreds({ dl, decode: true })
  expect(decoded.shape).toEqual([8, 24, 28])

  await learn.export(join(folder, 'model'))
  using loaded = await loadLearner<MaskPrediction>(join(folder, 'model'))
  expect(loaded.dls.vocab).toEqual(codes)
  const again = await loaded.predict(item.image)
  expect([...again.mask.data]).toEqual([...mask.data])
  expect(again.probabilities.data[100]).toBeCloseTo(probabilities.data[100]!, 6)
}, 300_000)

it('leaves nothing behind, and no more for more steps', async () => {
  const before = tf.memory().numTensors
  {
    using learn = await unetLearner(await loaders(4), tiny, {
      ...options,
      metrics: [accuracy],
      selfAttention: true,
    })
    await learn.fit(1)
    const held = tf.memory().numTensors
    await learn.fit(2)
    await learn.predict(pairs[0])
    expect(tf.memory().numTensors).toBe(held)
  }
  expect(tf.memory().numTensors).toBe(before)
})

it('divides encoder and decoder into groups as the architecture does', async () => {
  using learn = await unetLearner(await loaders(), tiny, options)
  const groups = learn.opt.groups.map((group) => group.length)
  expect(groups).toEqual([learn.model.encoder.parameters().length, groups[1]])
  expect(groups[0]! + groups[1]!).toBe(learn.model.parameters().length)
  expect(learn.opt.frozenIdx).toBe(0)
})

it('reads the size of the pictures off the data, or takes it', async () => {
  const dls = await loaders()
  using learn = await unetLearner(dls, tiny, options)
  expect(learn.model.plan).toMatchObject({ nIn: 3, nFeatures: 16, shrinksAtOnce: true })
  using told = await unetLearner(dls, tiny, { ...options, imgSize: [64, 64] })
  expect(told.model.plan).toEqual(learn.model.plan)
})

it('says what is wrong', async () => {
  const dls = await loaders()
  const problem = async (more: UnetLearnerOptions) => {
    const error = await unetLearner(dls, tiny, { ...options, ...more }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(EspalierError)
    return (error as Error).message
  }
  expect(await problem({ nOut: 5 })).toContain('the model would have 5 outputs, the data has 3 classes')
  expect(await problem({ self_attention: true } as never)).toContain(
    "unetLearner has no option 'self_attention'\n  → did you mean selfAttention?",
  )
  expect(await problem({ pretrained: true })).toContain(
    "there are no pretrained weights for 'test-for-masks'",
  )
  using learn = await unetLearner(dls, tiny, { ...options, act: () => new Odd() })
  const exported = await learn.export(join(folder, 'odd')).catch((e: unknown) => e)
  expect((exported as Error).message).toContain(
    "the model 'unetModel' cannot be exported: its activation is Odd, which bundles do not know\n  → take one of ReLU, ",
  )
})

class Odd extends ReLU {}
