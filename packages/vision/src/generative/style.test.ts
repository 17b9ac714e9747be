import { Conv2d, Learner, ReLU, record, Sequential, tf, useEngine, withSeed } from '@espalier/core'
import { dataBlock, type NdArray, ndArray, noSplitter } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { type Body, imageBlock, imagenetStats, normalize, psnr } from '../node/index.js'
import { gramMatrix } from './gram-matrix.js'
import { styleLoss } from './style-loss.js'
import { styleTransfer } from './style-transfer.js'
import { transformNet } from './transform-net.js'

beforeAll(() => useEngine('wasm'))

/** Two convolutions that halve the picture; their filters are drawn once and for all. */
const smallBody = (): Body =>
  withSeed(
    3,
    () =>
      new Sequential([
        new Conv2d(3, 8, 3, { stride: 2, padding: 1 }),
        new ReLU(),
        new Conv2d(8, 12, 3, { stride: 2, padding: 1 }),
        new ReLU(),
      ]),
  )
const layers = [1, 3]

/** Waves across a picture, so many pixels long, at an angle. */
function waves(
  length: number,
  slope: number,
  [h, w]: readonly [number, number] = [16, 20],
): NdArray<'uint8'> {
  const data = Uint8Array.from({ length: h * w * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % w, Math.floor(i / (3 * w))]
    return 128 + 110 * Math.sin((x + slope * y + 3 * c) / length)
  })
  return ndArray('uint8', [h, w, 3], data, 'image')
}
const [photo, painting] = [waves(4, 0.3), waves(1.2, -1, [24, 18])]

const tensorOf = ({ data, shape }: NdArray<'uint8'>) =>
  tf.div(
    tf.tensor4d(Float32Array.from(data), [1, ...shape] as [number, number, number, number]),
    255,
  ) as tf.Tensor4D

it('compares content with the target and style with the picture of the style, in proportion', async () => {
  using loss = await styleLoss(painting, smallBody(), {
    layers,
    normalized: false,
    contentWeight: 2,
    styleWeight: 6,
    smoothWeight: 0,
  })
  tf.tidy(() => {
    // The picture as it is has its content, a picture of the style has its style.
    loss(tensorOf(photo), tensorOf(photo))
    expect(loss.parts.content).toBe(0)
    expect(loss.parts.style).toBeGreaterThan(0.1)
    loss(tensorOf(painting), tensorOf(painting))
    expect(loss.parts.style).toBeCloseTo(0, 6)

    const [pred, target] = [tensorOf(waves(2, 0)), tensorOf(photo)]
    const whole = loss(pred, target).dataSync()[0]!
    const [seen, wanted, style] = [pred, target, tensorOf(painting)].map((x) => loss.net.forward(x))
    const share = (a: tf.Tensor, b: tf.Tensor) =>
      tf.mean(tf.squaredDifference(a, b)).dataSync()[0]! / tf.mean(tf.square(b)).dataSync()[0]!
    const content = 2 * share(seen![0]!, wanted![0]!)
    const styles = [0, 1].map((i) => share(gramMatrix(seen![i]!), gramMatrix(style![i]!)))
    expect(loss.parts.content / content).toBeCloseTo(1, 4)
    expect(loss.parts.style / (3 * (styles[0]! + styles[1]!))).toBeCloseTo(1, 4)
    expect((loss.parts.content + loss.parts.style) / whole).toBeCloseTo(1, 4)
    expect(loss.perItem!(pred, target).dataSync()[0]! / whole).toBeCloseTo(1, 4)
  })
})

it('has the gradient that differences give', async () => {
  using loss = await styleLoss(painting, smallBody(), { layers, normalized: false, smoothWeight: 2 })
  tf.tidy(() => {
    const x = tf.variable(tensorOf(waves(2, 0)))
    const target = tensorOf(photo)
    const { result, tape } = record(() => loss(x, target))
    const gradient = tape.backward(result, [x])[0]!.dataSync()
    const values = x.dataSync().slice()
    const at = (i: number, by: number) => {
      const moved = Float32Array.from(values)
      moved[i]! += by
      return loss(tf.tensor4d(moved, x.shape as never), target).dataSync()[0]!
    }
    const largest = Math.max(...gradient.map(Math.abs))
    for (const i of [1, 100, 411, 700]) {
      expect(Math.abs((at(i, 0.01) - at(i, -0.01)) / 0.02 - gradient[i]!)).toBeLessThan(0.02 * largest)
    }
    x.dispose()
  })
})

it('paints a picture: the loss falls by more than half, and colours stay colours', async () => {
  const steps: number[] = []
  const { image, losses } = await styleTransfer(photo, painting, {
    net: smallBody(),
    layers,
    steps: 60,
    lr: 0.03,
    onStep: ({ step }) => steps.push(step),
  })
  expect(image).toMatchObject({ shape: photo.shape, dtype: 'uint8', kind: 'image' })
  expect(losses).toHaveLength(61)
  expect(steps.at(-1)).toBe(59)
  expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!)
  const again = await styleTransfer(photo, painting, { net: smallBody(), layers, steps: 60, lr: 0.03 })
  expect([...again.image.data]).toEqual([...image.data])
})

it('teaches a network to paint in one pass', async () => {
  const photos = Array.from({ length: 4 }, (_, i) => waves(3 + i, 0.2 * i))
  const dls = await dataBlock({
    blocks: [imageBlock(), imageBlock()],
    getY: (x: NdArray<'uint8'>) => x,
    splitter: noSplitter(),
    batchTfms: [normalize(imagenetStats)],
  }).dataLoaders(photos, { bs: 4 })
  using loss = await styleLoss(painting, smallBody(), { layers, normalized: dls })
  const net = transformNet({ width: 4, blocks: 1 })
  using learn = new Learner(dls, net, { lossFunc: loss, metrics: [...loss.metrics, psnr()], verbose: false })
  const dl = dls.testDl(photos, { withLabels: true })
  const before = await learn.validate(dl)
  await learn.fit(1)
  const held = tf.memory().numTensors
  await learn.fit(40, 1e-2)
  expect(tf.memory().numTensors).toBe(held)
  const after = await learn.validate(dl)
  expect(after['valid_loss']!).toBeLessThan(0.6 * before['valid_loss']!)
  const { image } = await learn.predict(photos[0])
  expect(image.shape).toEqual([16, 20, 3])
})

it('says what is wrong', async () => {
  const grey = ndArray('uint8', [4, 4], new Uint8Array(16))
  await expect(styleLoss(grey)).rejects.toThrow('give the pixels [h, w, 3] of a picture')
  await expect(styleLoss(painting, undefined, { styleWeight: -1 })).rejects.toThrow('styleWeight must be of')
  await expect(styleTransfer(grey, painting)).rejects.toThrow('styleTransfer: the picture is')
  await expect(styleTransfer(photo, painting, { steps: 0 })).rejects.toThrow('steps cannot be 0')
  expect(() => transformNet({ width: 0 })).toThrow('transformNet: width cannot be 0')
  using loss = await styleLoss(painting, smallBody(), { layers })
  tf.tidy(() => {
    expect(() => loss(tf.zeros([1, 8, 8, 3]), tf.zeros([1, 8, 6, 3]))).toThrow(
      'got predictions [1,8,8,3] and targets [1,8,6,3]',
    )
  })
})
