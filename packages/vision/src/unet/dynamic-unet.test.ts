import {
  type AnyModule,
  AvgPool2d,
  BatchNorm,
  Conv2d,
  convLayer,
  crossEntropyFlat,
  Flatten,
  MaxPool2d,
  ReLU,
  record,
  Sequential,
  SigmoidRange,
  stateDict,
  Tanh,
  tf,
  useEngine,
  withoutInit,
  withSeed,
} from '@espalier/core'
import { EspalierError, Random } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createBody,
  createUnetModel,
  DynamicUnet,
  mobilenetV2,
  planUnet,
  resnet34,
  squeezenet1_1,
  type UnetOptions,
} from '../index.js'

beforeAll(async () => {
  await useEngine('wasm')
})

/** Halves three times: features at 1/1, 1/2, 1/4 and 1/8. */
const encoder = (nIn = 3) =>
  new Sequential<[tf.Tensor4D], tf.Tensor4D>([
    convLayer(nIn, 4),
    convLayer(4, 6, { stride: 2 }),
    convLayer(6, 8, { stride: 2 }),
    convLayer(8, 10, { stride: 2 }),
  ])

const pictures = (shape: [number, number, number, number]) => {
  const random = new Random(7, 'pictures')
  return tf.tensor4d(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
    shape,
  )
}
const shapeFor = (unet: DynamicUnet, shape: [number, number, number, number]) => {
  let out: number[] = []
  tf.tidy(() => {
    out = unet.forward(tf.zeros(shape)).shape
  })
  return out
}

it('reads the last features at each width, also of bodies that are a sequence in a sequence', async () => {
  using residual = await createBody(
    withoutInit(() => resnet34()),
    { cut: -2 },
  )
  const part = (plan: ReturnType<typeof planUnet>) => plan.skips.map((s) => [s.part, s.channels])
  expect(part(planUnet(residual, 3, [224, 224]))).toEqual([
    [6, 256],
    [5, 128],
    [4, 64],
    [2, 64],
  ])
  using mobile = await createBody(
    withoutInit(() => mobilenetV2()),
    { cut: -1 },
  )
  expect(part(planUnet(mobile, 3, [224, 224]))).toEqual([
    [13, 96],
    [6, 32],
    [3, 24],
    [1, 16],
  ])
  using squeeze = await createBody(
    withoutInit(() => squeezenet1_1()),
    { cut: -1 },
  )
  expect(planUnet(squeeze, 3, [224, 224]).shrinksAtOnce).toBe(true)
  using whole = encoder()
  expect(planUnet(whole, 3, [32, 32])).toEqual({
    nIn: 3,
    nFeatures: 10,
    skips: [
      { part: 2, channels: 8 },
      { part: 1, channels: 6 },
      { part: 0, channels: 4 },
    ],
    shrinksAtOnce: false,
  })
})

describe('every option', () => {
  const options: readonly (readonly [string, UnetOptions])[] = [
    ['none', {}],
    ['blur', { blur: true }],
    ['blur but not in the last block', { blur: true, blurFinal: false }],
    ['self-attention', { selfAttention: true }],
    ['no last cross', { lastCross: false }],
    ['bottle', { bottle: true }],
    ['range', { yRange: [-1, 2] }],
    ['activation', { act: () => new Tanh() }],
    ['batch norm', { normType: 'batch' }],
    ['weight norm', { normType: 'weight' }],
    ['spectral norm', { normType: 'spectral' }],
    ['instance norm', { normType: 'instance' }],
    ['no init', { init: null }],
  ]

  it.each(options)('%s', (name, option) => {
    using unet = new DynamicUnet(encoder(), 3, [16, 24], option)
    expect(shapeFor(unet, [2, 16, 24, 3])).toEqual([2, 16, 24, 3])
    expect(shapeFor(unet, [1, 19, 13, 3])).toEqual([1, 19, 13, 3])
    const kinds = [...unet.modules()].map(([, m]) => m.kind)
    const count = (kind: string) => kinds.filter((k) => k === kind).length
    expect(count('ReplicationPad2d')).toBe(name === 'blur' ? 3 : name.startsWith('blur') ? 2 : 0)
    expect(count('SelfAttention')).toBe(option.selfAttention ? 1 : 0)
    expect(count('MergeLayer')).toBe(option.lastCross === false ? 0 : 1)
    expect(count('SigmoidRange')).toBe(option.yRange ? 1 : 0)
    expect(count('Tanh') > 0).toBe(option.act !== undefined)
  })

  it('the bottle halves the channels of the last block, whose output the last layer takes', () => {
    using unet = new DynamicUnet(encoder(), 3, [16, 16], { bottle: true })
    const [cross, last] = unet.decoder.slice(-2) as [AnyModule, Sequential]
    const [conv] = [...last.modules()].flatMap(([, m]) => (m instanceof Conv2d ? [m] : []))
    const inner = [...cross.modules()].flatMap(([, m]) => (m instanceof Conv2d ? [m.nOut] : []))
    expect(conv!.nIn).toBe(4) // Half of the 5 of the last block and the 3 of the picture.
    expect(inner).toEqual([4, 4, 4])
  })

  it('the range holds', () => {
    using unet = new DynamicUnet(encoder(), 1, [16, 16], { yRange: [2, 3] })
    expect(unet.decoder.at(-1)).toBeInstanceOf(SigmoidRange)
    tf.tidy(() => {
      const values = unet.forward(tf.mul(pictures([1, 16, 16, 3]), 50)).dataSync()
      expect(values.every((v) => v >= 2 && v <= 3)).toBe(true)
    })
  })

  it('without norm the decoder has batch norms after the encoder and on the skips alone', () => {
    using unet = new DynamicUnet(encoder(), 3, [16, 16])
    const norms = [...unet.modules()].filter(
      ([path, m]) => m instanceof BatchNorm && !/^layers\.0\./.test(path),
    )
    expect(norms.map(([path]) => path)).toEqual(['layers.1', 'layers.4.bn', 'layers.5.bn', 'layers.6.bn'])
  })
})

describe('gradients', () => {
  it('are those that finite differences find, through every skip', () => {
    // Smooth activations: beside a corner of ReLU a line through two points says nothing.
    const smooth = new Sequential<[tf.Tensor4D], tf.Tensor4D>([
      new Conv2d(2, 3, 3, { padding: 1 }),
      new AvgPool2d(2),
      new Conv2d(3, 4, 3, { padding: 1 }),
      new AvgPool2d(2),
      new Conv2d(4, 4, 1),
    ])
    using unet = new DynamicUnet(smooth, 2, [10, 11], { act: () => new Tanh(), blur: true, bottle: true })
    unet.eval()
    const x = tf.tidy(() => tf.variable(pictures([2, 10, 11, 2])))
    const labels = tf.tensor3d(
      Int32Array.from({ length: 220 }, (_, i) => (i * 7) % 2),
      [2, 10, 11],
      'int32',
    )
    tf.tidy(() => {
      const variables = [x as tf.Variable, ...unet.parameters()]
      const value = () => crossEntropyFlat(unet.forward(x as unknown as tf.Tensor4D), labels)
      const { result, tape } = record(value)
      for (const [i, grad] of tape.backward(result, variables).entries()) {
        const v = variables[i]!
        const [at, slopes] = [v.dataSync().slice(), grad!.dataSync() as Float32Array]
        // Along the direction of the gradient itself, where a weight has one.
        const length = Math.sqrt(slopes.reduce((sum, s) => sum + s * s, 0))
        if (length < 1e-4) continue
        const moved = (by: number) => {
          v.assign(
            tf.tensor(
              Float32Array.from(at, (a, k) => a + (by * slopes[k]!) / length),
              v.shape,
            ),
          )
          return value().dataSync()[0]!
        }
        const step = 2e-2
        const slope = (moved(step) - moved(-step)) / (2 * step)
        v.assign(tf.tensor(at, v.shape))
        expect(
          Math.abs(slope - length),
          `weight ${i} [${v.shape}]: ${length}, measured ${slope}`,
        ).toBeLessThan(0.03 * length + 5e-4)
      }
    })
    x.dispose()
    labels.dispose()
  })

  it('reach every weight, and a step leaves nothing behind', () => {
    using unet = new DynamicUnet(encoder(), 3, [17, 23], { selfAttention: true, blur: true })
    const before = tf.memory().numTensors
    for (let step = 0; step < 3; step++) {
      tf.tidy(() => {
        const labels = tf.zeros([2, 17, 23], 'int32')
        const { result, tape } = record(() =>
          crossEntropyFlat(unet.forward(pictures([2, 17, 23, 3])), labels),
        )
        const grads = tape.backward(result, unet.parameters())
        const names = [...unet.weights()].filter((w) => w.variable.trainable).map((w) => w.path)
        for (const [i, grad] of grads.entries()) {
          // What attention sees counts for nothing while gamma is 0.
          if (/\.(query|key|value)\./.test(names[i]!)) continue
          expect(
            grad!.dataSync().some((v) => v !== 0),
            names[i],
          ).toBe(true)
        }
      })
      expect(tf.memory().numTensors).toBe(before)
    }
  })
})

it('takes other channels and other sizes than it was made for', async () => {
  using unet = await createUnetModel(squeezenet1_1, 2, [48, 64], { nIn: 4, pretrained: false })
  expect(unet.plan.nIn).toBe(4)
  expect(shapeFor(unet, [1, 48, 64, 4])).toEqual([1, 48, 64, 2])
  expect(shapeFor(unet, [1, 65, 71, 4])).toEqual([1, 65, 71, 2])
})

it('is the same for the same seed', async () => {
  const made = () => withSeed(3, () => new DynamicUnet(encoder(), 2, [16, 16]))
  using a = made()
  using b = made()
  const last = (unet: DynamicUnet) => [...[...stateDict(unet)].at(-2)![1].data].slice(0, 5)
  expect(last(a)).toEqual(last(b))
  expect(new Set(last(a)).size).toBe(5)
})

describe('says what is wrong, and gives back what it made', () => {
  const refused = async (run: () => unknown, message: string) => {
    const error = await Promise.resolve()
      .then(run)
      .catch((e: unknown) => e)
    expect(error).toBeInstanceOf(EspalierError)
    expect((error as Error).message).toContain(message)
  }

  it('of sizes', async () => {
    await refused(
      () => createUnetModel(squeezenet1_1, 2, [8, 8], { pretrained: false }),
      'pictures of 8×8 do not get through part',
    )
    await refused(
      () => createUnetModel(squeezenet1_1, 2, 64 as never, { pretrained: false }),
      'the size of the pictures must be [height, width], got 64\n  → say [224, 224]; the model takes other sizes too',
    )
  })

  it('of encoders', async () => {
    using conv = new Conv2d(3, 4, 3)
    await refused(
      () => new DynamicUnet(conv as never, 2, [16, 16]),
      'the encoder of a U-Net is a sequence, got a Conv2d\n  → make it with createBody',
    )
    using flat = new Sequential<[tf.Tensor4D], tf.Tensor4D>([
      new Conv2d(3, 4, 3, { stride: 2 }),
      new MaxPool2d(2),
      new ReLU(),
      new Flatten(),
    ])
    await refused(() => new DynamicUnet(flat, 2, [16, 16]), 'part 3 (Flatten) of the encoder gives [1,36]')
    await refused(
      () => new DynamicUnet(new Sequential([]), 2, [16, 16]),
      'the encoder of a U-Net has no parts',
    )
  })

  it('of options', async () => {
    const made = (nOut: number, options: UnetOptions) => () =>
      createUnetModel(squeezenet1_1, nOut, [64, 64], { ...options, pretrained: false })
    await refused(made(0, {}), 'a U-Net needs at least one output, got 0')
    await refused(made(2, { act: new ReLU() as never }), 'act makes activations: it must be a function')
    await refused(made(2, { yRange: [1, 0] }), 'yRange must be [low, high], got')
  })
})
