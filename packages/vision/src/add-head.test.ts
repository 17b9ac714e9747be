import {
  Flatten,
  Linear,
  normal,
  readSafetensors,
  type SafeTensor,
  Sequential,
  stateDict,
  tf,
  useEngine,
  writeSafetensors,
} from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { addHead } from './add-head.js'
import { createBody } from './body.js'
import { resnet18 } from './models/resnet.js'
import { withOptions } from './models/with-options.js'
import { createVisionModel } from './vision-model.js'

beforeAll(async () => {
  await useEngine('wasm')
})

const slim = withOptions(resnet18, { widen: 0.125 })
const numbers = (t: tf.Tensor) => [...t.dataSync()]

function slimWeights(): ReadonlyMap<string, SafeTensor> {
  using net = slim()
  return readSafetensors(writeSafetensors(stateDict(net))).tensors
}

const modelOf = async (options: object) => createVisionModel(slim, 3, { pretrained: false, ...options })
/** The weights of the last linear layer. */
const lastOf = (model: Sequential<[tf.Tensor4D], tf.Tensor2D>) =>
  numbers([...model.weights()].filter((w) => w.variable.rank === 2).at(-1)!.variable)

describe('addHead', () => {
  it('puts a head on any body, drawn by a seed of its own', async () => {
    const make = async (seed?: number) =>
      addHead(await createBody(slim(), { cut: -2 }), 64, 3, { ...(seed && { seed }) })
    using one = await make(7)
    using same = await make(7)
    using other = await make()
    expect(lastOf(same)).toEqual(lastOf(one))
    expect(lastOf(other)).not.toEqual(lastOf(one))
    expect(tf.tidy(() => one.eval().forward(tf.zeros([2, 32, 32, 3])).shape)).toEqual([2, 3])
  })

  it('draws the head as it is told, norm layers excepted, and leaves the body', async () => {
    const weights = slimWeights()
    const spread = async (init: unknown) => {
      using model = await createVisionModel(slim, 3, { weights, init: init as null, linFtrs: [256] })
      const [body] = model.layers
      const first = [...stateDict(body!).values()][0]!
      expect(new Uint8Array(first.data.buffer)).toEqual(new Uint8Array(weights.get('conv1.weight')!.bytes))
      const values = lastOf(model)
      return Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length)
    }
    expect(await spread(undefined)).toBeCloseTo(Math.sqrt(2 / 256), 2) // He et al. 2015
    expect(await spread((shape: readonly number[]) => normal(shape, 3))).toBeCloseTo(3, 0)
    expect(await spread(null)).toBeCloseTo(1 / Math.sqrt(256) / Math.sqrt(3), 2) // torch's, uniform
  })

  it('takes a head of the user’s own without asking the body for its channels', async () => {
    const head = new Sequential([new Flatten(), new Linear(2 * 2 * 64, 3)])
    using model = await modelOf({ customHead: head, init: null })
    expect(model.layers[1]).toBe(head)
    expect(tf.tidy(() => model.eval().forward(tf.zeros([1, 64, 64, 3])).shape)).toEqual([1, 3])
  })

  it('honours the cut', async () => {
    using early = await modelOf({ cut: 6 })
    expect(
      tf.tidy(() => (early.eval().layers[0]!.forward(tf.zeros([1, 64, 64, 3]) as never) as tf.Tensor).shape),
    ).toEqual([1, 8, 8, 16])
    using whole = await modelOf({
      cut: (net: Parameters<typeof createBody>[0]) =>
        new Sequential([...(net as ReturnType<typeof slim>).children()].map(([, m]) => m).slice(0, 5)),
    })
    expect(whole.layers[0]!.toString()).not.toContain('128')
  })

  it.each<[object, string]>([
    [{ customHead: {} }, 'a custom head must be a module'],
    [
      { init: 'kaiming' },
      'init draws weights: it must be a function, got string "kaiming"\n  → say init: kaimingNormal',
    ],
    [{ lin_ftrs: [5] }, "createVisionModel has no option 'lin_ftrs'\n  → did you mean linFtrs?"],
    [{ weights: 'x.pth' }, 'weights are given, but pretrained is false'],
  ])('says what is wrong with %j', async (options, message) => {
    await expect(modelOf(options)).rejects.toThrow(message)
  })
})
