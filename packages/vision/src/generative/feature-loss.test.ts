import { Conv2d, Learner, loadStateDict, ReLU, record, Sequential, tf, useEngine } from '@espalier/core'
import { dataBlock, EspalierError, noSplitter } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { sines } from '../../test/sines.js'
import { type Body, imageBlock, imagenetStats, mobilenetV2, normalize, resize } from '../node/index.js'
import { type FeatureLossOptions, featureLoss } from './feature-loss.js'
import { gramMatrix } from './gram-matrix.js'

beforeAll(() => useEngine('cpu'))

const conv = (nIn: number, nOut: number) => new Conv2d(nIn, nOut, 3, { stride: 2, padding: 1, bias: false })

/** Three convolutions that halve the picture, each with an activation. */
function smallBody(): Body {
  const body: Body = new Sequential([conv(3, 4), new ReLU(), conv(4, 6), new ReLU(), conv(6, 8), new ReLU()])
  const weights = [
    ['0.weight', sines([4, 3, 3, 3], 1, 0.4)],
    ['2.weight', sines([6, 4, 3, 3], 2, 0.4)],
    ['4.weight', sines([8, 6, 3, 3], 3, 0.4)],
  ] as const
  const bytes = ({ data: { buffer } }: (typeof weights)[number][1]) => new Uint8Array(buffer)
  loadStateDict(
    body,
    new Map(weights.map(([name, w]) => [name, { dtype: 'F32', shape: w.shape, bytes: bytes(w) }])),
  )
  return body
}

const layers = [1, 3, 5]
const shape = [2, 8, 12, 3] as const
const picture = (seed: number, scale = 1) =>
  tf.tensor4d(sines(shape, seed, scale).data as Float32Array, [...shape])

/** Value and gradient of a loss at a prediction. */
function slope(loss: Awaited<ReturnType<typeof featureLoss>>) {
  return tf.tidy(() => {
    const pred = tf.variable(picture(4))
    const { result, tape } = record(() => loss(pred, picture(5, 0.9)))
    const [gradient] = tape.backward(result, [pred])
    const found = { value: result.dataSync()[0]!, gradient: [...gradient!.dataSync()] }
    pred.dispose()
    return found
  })
}

// Computed with torch in float64: F.conv2d, F.l1_loss, F.mse_loss, and x @ x.T / (c·h·w) for the Gram matrices.
const oracle = {
  l1: {
    parts: [0.5816637728, 0.2676329976, 0.2045657935, 0.0595443623, 423.8722874, 137.6477968, 3.377793243],
    value: 566.0112844,
    gradient: [-247.5876642, -0.0017361111, -87.25780893, -0.0017361111],
    sum: 50737.76118,
  },
  mse: {
    parts: [0.417744954, 4.1995493866, 0.0287784597, 0.0515020055, 11603.11046, 0.195593517, 0.3554457915],
    value: 11608.35908,
    gradient: [-8394.040084, -0.0022088291, -1757.476356, -0.0008162537],
    sum: 653476.7345,
  },
}

it.each([
  ['l1', { base: 'l1', normalized: false }],
  ['mse', { base: 'mse', normalized: false }],
] as const)('is what torch computes, part by part, with its gradient: %s', async (base, options) => {
  using loss = await featureLoss(smallBody(), { layers, ...options })
  // A body of one's own wants what it is given; the second case was computed for one that wants ImageNet's statistics.
  if (base === 'mse') Object.assign(loss.net, { stats: imagenetStats })
  const { value, gradient } = slope(loss)
  const wanted = oracle[base]
  expect(value / wanted.value).toBeCloseTo(1, 5)
  const parts = Object.values(loss.parts)
  for (const [i, part] of wanted.parts.entries()) expect(parts[i]! / part).toBeCloseTo(1, 4)
  for (const [i, at] of [0, 100, 333, 575].entries()) {
    expect(Math.abs(gradient[at]! - wanted.gradient[i]!)).toBeLessThan(
      1e-4 * Math.abs(wanted.gradient[i]!) + 1e-6,
    )
  }
  const sum = gradient.reduce((a, g) => a + Math.abs(g), 0)
  expect(sum / wanted.sum).toBeCloseTo(1, 4)
})

it('has the gradient that differences give', async () => {
  using loss = await featureLoss(smallBody(), { layers, base: 'mse', gramWeight: 3, normalized: false })
  const { gradient } = slope(loss)
  const at = (place: number, by: number) =>
    tf.tidy(() => {
      const moved = sines(shape, 4).data as Float32Array
      moved[place]! += by
      const pred = tf.tensor4d(moved, [...shape])
      return loss(pred, picture(5, 0.9)).dataSync()[0]!
    })
  for (const place of [0, 17, 200, 411, 575]) {
    const measured = (at(place, 1e-2) - at(place, -1e-2)) / 2e-2
    expect(Math.abs(measured - gradient[place]!)).toBeLessThan(2e-3 * Math.max(0.05, Math.abs(measured)))
  }
})

it('adds up item by item, and gives 0 for equal pictures', async () => {
  using loss = await featureLoss(smallBody(), { layers })
  tf.tidy(() => {
    const [pred, target] = [picture(4), picture(5, 0.9)]
    const items = loss.perItem!(pred, target)
    expect(items.shape).toEqual([2])
    expect(tf.mean(items).dataSync()[0]! / loss(pred, target).dataSync()[0]!).toBeCloseTo(1, 5)
    expect(loss(target, target).dataSync()[0]).toBe(0)
  })
})

it('keeps nothing of the targets for the gradients, and trains none of its weights', async () => {
  using loss = await featureLoss(smallBody(), { layers })
  const before = [...loss.net.weights()].map((w) => w.variable.dataSync().slice())
  tf.tidy(() => {
    const target = picture(5)
    const pred = tf.variable(picture(4))
    const { result, tape } = record(() => loss(pred, target))
    const [, reached] = tape.backward(result, [pred, target])
    // Only the pixels themselves: 1 / 576 each, up or down.
    for (const g of reached!.dataSync()) expect(Math.abs(g)).toBeCloseTo(1 / 576, 8)
    pred.dispose()
  })
  loss.net.train()
  expect([...loss.net.modules()].every(([, m]) => !m.training)).toBe(true)
  for (const [i, { variable }] of [...loss.net.weights()].entries()) {
    expect(variable.dataSync()).toEqual(before[i])
  }
})

it('looks at the last layers before MobileNetV2 makes pictures smaller, and gives the rest back', async () => {
  const before = tf.memory().numTensors
  using loss = await featureLoss()
  expect(loss.net.layers).toEqual([3, 6, 13])
  expect(loss.net.body.layers).toHaveLength(14)
  expect(tf.memory().numTensors - before).toBe([...loss.net.weights()].length)
  expect(loss.metrics.map((m) => m.name)).toEqual([
    'pixel',
    'feat_0',
    'feat_1',
    'feat_2',
    'gram_0',
    'gram_1',
    'gram_2',
  ])
  const shapes = tf.tidy(() => loss.net.forward(tf.zeros([1, 64, 64, 3])).map((f) => f.shape))
  expect(shapes).toEqual([
    [1, 16, 16, 24],
    [1, 8, 8, 32],
    [1, 4, 4, 96],
  ])
})

it('brings what is normalized otherwise to what the network was trained with', async () => {
  using same = await featureLoss(mobilenetV2, { layers: [1], pixelWeight: 0 })
  using plain = await featureLoss(mobilenetV2, { layers: [1], pixelWeight: 0, normalized: false })
  tf.tidy(() => {
    const unit = (seed: number) => tf.abs(picture(seed)) as tf.Tensor4D
    const inNet = (x: tf.Tensor4D) =>
      tf.div(tf.sub(x, tf.tensor1d([...imagenetStats.mean])), tf.tensor1d([...imagenetStats.std]))
    const a = same(inNet(unit(1)), inNet(unit(2))).dataSync()[0]!
    expect(plain(unit(1), unit(2)).dataSync()[0]! / a).toBeCloseTo(1, 4)
  })
})

it('trains a model with its parts as columns, and leaves nothing behind', async () => {
  const pixels = Array.from({ length: 4 }, (_, i) => ({
    ...sines([8, 8, 3], i),
    dtype: 'uint8' as const,
    data: Uint8Array.from(sines([8, 8, 3], i).data, (v) => 127 + 120 * v),
  }))
  const dls = await dataBlock({
    blocks: [imageBlock(), imageBlock()],
    getY: (x: (typeof pixels)[number]) => x,
    splitter: noSplitter(),
    itemTfms: [resize(8)],
    batchTfms: [normalize(imagenetStats)],
  }).dataLoaders(pixels, { bs: 4 })
  using loss = await featureLoss(smallBody(), { layers, gramWeight: 1, normalized: dls })
  const model = new Sequential<[tf.Tensor4D], tf.Tensor4D>([new Conv2d(3, 3, 3, { padding: 1 })])
  using learn = new Learner(dls, model, { lossFunc: loss, metrics: loss.metrics, verbose: false })
  const dl = dls.testDl(pixels, { withLabels: true })
  const before = await learn.validate(dl)
  await learn.fit(1)
  const held = tf.memory().numTensors
  await learn.fit(30, 1e-2)
  expect(tf.memory().numTensors).toBe(held)
  const after = await learn.validate(dl)
  expect(after['valid_loss'] ?? after['loss']).toBeLessThan(0.5 * (before['valid_loss'] ?? before['loss'])!)
  const { valid_loss: whole = 0, ...parts } = after
  const sum = Object.entries(parts).reduce((a, [name, v]) => a + (/pixel|feat|gram/.test(name) ? v! : 0), 0)
  expect(sum / whole).toBeCloseTo(1, 4)
})

it('says what is wrong', async () => {
  const problem = async (options: FeatureLossOptions) => {
    const error = await featureLoss(smallBody(), options).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(EspalierError)
    return (error as Error).message
  }
  const held = tf.memory().numTensors
  const messages = [
    await problem({ layers, layerWeights: [1] }),
    await problem({ layers: [3, 1] }),
    await problem({ layers: 7 }),
  ]
  expect(tf.memory().numTensors).toBe(held)
  expect(messages[0]).toContain('3 layers need as many weights, got [1]')
  expect(messages[1]).toContain('layers [3,1] are not parts of the body in order: 1')
  expect(messages[2]).toContain('2 times after its first part, fewer than 7')
  await expect(featureLoss(mobilenetV2, { base: 'l3' } as never)).rejects.toThrow('there is no base')
  await expect(featureLoss(mobilenetV2, { gramWeight: -1 })).rejects.toThrow(
    'gramWeight must be of at least 0',
  )
  await expect(featureLoss(mobilenetV2, { vgg: true } as never)).rejects.toThrow("has no option 'vgg'")
  using loss = await featureLoss(smallBody(), { layers })
  tf.tidy(() => {
    expect(() => loss(picture(1), tf.zeros([2, 4, 4, 3]))).toThrow(
      'got predictions [2,8,12,3] and targets [2,4,4,3]',
    )
  })
})

it('has Gram matrices that say which channels go together', () => {
  tf.tidy(() => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 1, 3, 2])
    const gram = gramMatrix(x)
    expect(gram.shape).toEqual([1, 2, 2])
    const wanted = [35, 44, 44, 56].map((v) => v / 6)
    for (const [i, v] of gram.dataSync().entries()) expect(v).toBeCloseTo(wanted[i]!, 5)
  })
})
