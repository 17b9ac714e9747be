import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AdaptiveAvgPool2d,
  convLayer,
  Flatten,
  Linear,
  mseLossFlat,
  params,
  Sequential,
  type tf,
  useEngine,
} from '@espalier/core'
import { dataBlock, type NdArray, ndArray, noSplitter, Random } from '@espalier/data'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  arch,
  augTransforms,
  crappify,
  crappifyImages,
  defaultSplit,
  type ImagePrediction,
  imageBlock,
  imagenetStats,
  loadLearner,
  normalize,
  openImage,
  psnr,
  registerArch,
  resize,
  saveImage,
  unetLearner,
} from '../node/index.js'

const folder = mkdtempSync(join(tmpdir(), 'pictures-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A small network that is registered as a user would. */
const tiny = arch('test-for-pictures', ({ numClasses = 10 }) => {
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
beforeAll(async () => {
  await useEngine('wasm')
  registerArch(tiny, { cut: -3, split: defaultSplit })
})

/** Smooth colours. */
function pictureOf(i: number, [h, w]: readonly [number, number] = [24, 28]): NdArray<'uint8'> {
  const random = new Random(i, 'picture')
  const waves = Array.from({ length: 3 }, () => [random.uniform(0.1, 0.4), random.uniform(0.1, 0.4)] as const)
  const data = Uint8Array.from({ length: h * w * 3 }, (_, at) => {
    const [c, x, y] = [at % 3, Math.floor(at / 3) % w, Math.floor(at / (3 * w))]
    return 128 + 100 * Math.sin(waves[c]![0] * x + waves[c]![1] * y + i)
  })
  return ndArray('uint8', [h, w, 3], data, 'image')
}

const negative = ({ data, shape, kind }: NdArray<'uint8'>) =>
  ndArray(
    'uint8',
    shape,
    data.map((v) => 255 - v),
    kind,
  )

const pictures = Array.from({ length: 8 }, (_, i) => pictureOf(i))

function loaders(batchTfms: Parameters<typeof dataBlock>[0]['batchTfms'] = []) {
  return dataBlock({
    blocks: [imageBlock(), imageBlock()],
    getY: negative,
    splitter: noSplitter(),
    itemTfms: [resize([24, 28])],
    batchTfms: [...(batchTfms ?? []), normalize(imagenetStats)],
  }).dataLoaders(pictures, { bs: 8, seed: 1 })
}

/** The mean difference of two lists of bytes. */
function differ(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / a.length
}

it('moves input and target together, also where pictures are cut by chance', async () => {
  const dls = await dataBlock({
    blocks: [imageBlock(), imageBlock()],
    getY: negative,
    splitter: noSplitter(),
    itemTfms: [resize(20)],
    batchTfms: augTransforms({ pAffine: 1, maxRotate: 30, maxZoom: 1.5, pLighting: 0 }),
  }).dataLoaders(pictures, { bs: 8 })
  const batch = await dls.oneBatch()
  for (const t of dls.train.options.batchTfms) await t.prepare?.()
  for (const [x, y] of dls.cards(batch, 8)) {
    if (!x || !y || !('pixels' in x) || !('pixels' in y)) throw new Error('no pictures')
    // What is beyond the edges is mirrored in both: together they are white everywhere.
    const sums = Array.from(x.pixels.data, (v, i) => v + y.pixels.data[i]!)
    const white = sums.map(() => 255)
    expect(differ(sums, white)).toBeLessThan(2) // Numbers are cut off to bytes, here twice.
    expect(Math.max(...sums)).toBeLessThan(258)
  }
})

it('learns a picture of a picture, shows it, and predicts what can be saved; so it does once it was exported', async () => {
  const dls = await loaders()
  expect([dls.c, dls.target!.loss]).toEqual([3, 'mse'])
  using learn = await unetLearner(dls, tiny, {
    pretrained: false,
    seed: 2,
    verbose: false,
    metrics: [psnr()],
  })
  await learn.fitOneCycle(150, { stop: 1e-2 })
  const dl = dls.testDl(pictures, { withLabels: true })
  expect((await learn.validate(dl))['psnr']).toBeGreaterThan(22)

  const { image }: ImagePrediction = await learn.predict(pictures[3])
  expect(image).toMatchObject({ shape: [24, 28, 3], dtype: 'uint8', kind: 'image' })
  expect(differ(image.data, negative(pictures[3]!).data)).toBeLessThan(20)
  const file = join(folder, 'out', 'negative.png')
  await saveImage(file, image)
  const saved = await (await openImage().encode(file, { split: 1, random: new Random(0, '') })).pixels()
  expect([...saved.data]).toEqual([...image.data])

  const svg = await learn.showResults({ dl, maxN: 2 }).toSVG()
  expect(svg.match(/<image/g)).toHaveLength(6) // input, target and output, twice
  for (const caption of ['input', 'actual', 'predicted']) expect(svg).toContain(`>${caption}<`)
  expect((await dls.showBatch({ maxN: 3 }).toSVG()).match(/<image/g)).toHaveLength(6)
  const [worst] = (await learn.interpret(dl)).topLosses(1)
  expect(worst!.loss).toBeGreaterThan(0)

  await learn.export(join(folder, 'model'))
  using loaded = await loadLearner<ImagePrediction>(join(folder, 'model'))
  expect([...(await loaded.predict(pictures[3])).image.data]).toEqual([...image.data])
}, 300_000)

it('spoils pictures in the same way each time, at the size that they had', async () => {
  const photo = pictureOf(5, [60, 90])
  const poor = crappify({ size: 20, quality: [10, 40] })
  const [a, b] = [await (await poor(photo)).pixels(), await (await poor(photo)).pixels()]
  expect(a.shape).toEqual([60, 90, 3])
  expect([...a.data]).toEqual([...b.data])
  const small = await (await crappify({ size: 20, quality: null, restore: false })(photo)).pixels()
  expect(small.shape).toEqual([20, 30, 3])
  const smooth = await (await crappify({ size: 20, quality: null })(photo)).pixels()
  // The loss of a JPEG comes on top of that of the size.
  const lost = [differ(smooth.data, photo.data), differ(a.data, photo.data)] as const
  expect(lost[0]).toBeGreaterThan(0.1)
  expect(lost[1]).toBeGreaterThan(1.5 * lost[0])
  const other = await (await crappify({ size: 20, quality: [10, 40], seed: 7 })(photo)).pixels()
  expect([...other.data]).not.toEqual([...a.data])
})

it('writes the poor pictures of a folder', async () => {
  const [good, poor] = [join(folder, 'good'), join(folder, 'poor')]
  for (const i of [1, 2]) await saveImage(join(good, `kind ${i}`, 'photo.png'), pictureOf(i, [60, 40]))
  const written = await crappifyImages(good, poor, { size: 16, quality: 30 })
  expect(readdirSync(poor)).toEqual(['kind 1', 'kind 2'])
  const { width, height, format } = await sharp(written[0]!).metadata()
  expect([width, height, format]).toEqual([16, 24, 'jpeg'])
  await expect(crappifyImages(good, good)).rejects.toThrow('would write over the good pictures')
})

it('says what is wrong', async () => {
  expect(() => crappify({ size: 0 })).toThrow('size cannot be 0')
  expect(() => crappify({ quality: [70, 10] })).toThrow('quality cannot be')
  await expect(saveImage('picture.gif', pictures[0]!)).rejects.toThrow(
    "cannot save a picture as 'picture.gif'",
  )
  await expect(saveImage('picture.png', ndArray('uint8', [2, 2, 5], new Uint8Array(20)))).rejects.toThrow(
    'a picture cannot be made of',
  )
  const dls = await loaders()
  using learn = await unetLearner(dls, tiny, {
    pretrained: false,
    nOut: 2,
    verbose: false,
    lossFunc: mseLossFlat(),
  })
  await expect(learn.predict(pictures[0])).rejects.toThrow('not a picture [h, w, 3]')
})
