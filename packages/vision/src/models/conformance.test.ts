import {
  type AnyModule,
  BatchNorm,
  Learner,
  loadStateDict,
  type ParamGroups,
  readSafetensors,
  record,
  type SafeTensor,
  Sequential,
  stateDict,
  tf,
  useEngine,
  withoutInit,
  writeSafetensors,
} from '@espalier/core'
import { DataLoader, DataLoaders, type Dataset, datasets, Random } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { narrow, nOut, sizeFor } from '../../test/narrow.js'
import { createBody } from '../body.js'
import { numFeatures } from '../num-features.js'
import { type DescribedModel, makeModel } from '../portable-model.js'
import { DynamicUnet } from '../unet/dynamic-unet.js'
import { graft } from '../vision-model.js'
import { type BodyAndHead, metaOf, modelMeta } from './model-meta.js'
import type { Arch, VisionModel } from './vision-model.js'

beforeAll(async () => {
  await useEngine()
})

/** Normal draws, drawn once: networks have millions of weights, and any part of these will do for each. */
const pool = (() => {
  const random = new Random(1, 'conformance')
  return Float32Array.from({ length: 200_003 }, () => random.normal())
})()

/** Another part of them for every seed. */
function drawn(shape: readonly number[], seed = 1): tf.Tensor {
  const n = shape.reduce((a, b) => a * b, 1)
  const values = new Float32Array(n)
  for (let at = 0, from = (seed * 7919) % pool.length; at < n; from = 0) {
    const part = pool.subarray(from, Math.min(pool.length, from + n - at))
    values.set(part, at)
    at += part.length
  }
  return tf.tensor(values, [...shape])
}
const numbers = (t: tf.Tensor): number[] => [...t.dataSync()]

/** New weights, none of them at zero or next to it, which would hide what is behind. */
function shaken<M extends AnyModule>(module: M, seed = 3): M {
  for (const [i, { variable, name }] of [...module.weights()].entries()) {
    tf.tidy(() => {
      const values = drawn(variable.shape, seed + i)
      const fanIn = variable.size / variable.shape.at(-1)!
      if (variable.rank === 4 || variable.rank === 2)
        return variable.assign(tf.mul(values, Math.sqrt(1.5 / fanIn)))
      const from = name === 'weight' || name === 'running_var' ? 1 : name === 'layer_scale' ? 0.5 : 0
      return variable.assign(tf.add(tf.abs(tf.mul(values, 0.1)), from))
    })
  }
  return module
}

const made = (arch: Arch): VisionModel => shaken(withoutInit(() => narrow(arch)()))

/** The weights as a file has them. */
const filed = (module: AnyModule): ReadonlyMap<string, SafeTensor> =>
  readSafetensors(writeSafetensors(stateDict(module))).tensors

const forward = (module: AnyModule, x: tf.Tensor): tf.Tensor => module.forward(x as never) as tf.Tensor
const result = (module: AnyModule, x: () => tf.Tensor): number[] => {
  module.eval()
  return tf.tidy(() => numbers(forward(module, x())))
}

/** Equal but for the last digits. */
function near(got: readonly number[], want: readonly number[]): void {
  const most = want.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  const off = got.reduce((m, v, i) => Math.max(m, Math.abs(v - want[i]!)), 0)
  expect(got).toHaveLength(want.length)
  expect(off).toBeLessThan(1e-4 * most + 1e-6)
}

/** Once each and all of them. */
function expectPartition(groups: ParamGroups, module: AnyModule): void {
  const parameters = module.parameters()
  expect(groups.flat()).toHaveLength(parameters.length)
  expect(new Set(groups.flat())).toEqual(new Set(parameters))
  expect(groups.every((group) => group.length > 0)).toBe(true)
}

/** No data: a learner for its optimizer. */
async function learnerOf(arch: Arch, model: Sequential<[tf.Tensor4D], tf.Tensor2D>): Promise<Learner> {
  const dataset: Dataset = { length: 1, sample: async () => [], id: String }
  const dl = new DataLoader(dataset)
  const dls = new DataLoaders(dl, dl, { datasets: await datasets<never>([], []) })
  const split = (m: unknown) => metaOf(arch).split(m as BodyAndHead)
  return new Learner(dls, model, { splitter: split, verbose: false }) as unknown as Learner
}

/** Without what other tests have registered. */
const registry = [...modelMeta.keys()].filter((arch) => !arch.archName.startsWith('test-'))
/** Those of a family differ in depth and width only. */
const familyOf = (name: string) => name.replace(/\d+/g, '')
const firsts = new Set(
  registry.filter((a, i) => registry.findIndex((b) => familyOf(b.archName) === familyOf(a.archName)) === i),
)

describe.each(registry.map((arch) => [arch.archName, arch] as const))('%s', (name, arch) => {
  const size = sizeFor(name)
  const images = (c = 3, seed = 1) => drawn([2, size, size, c], seed) as tf.Tensor4D
  const { cut, split } = metaOf(arch)
  const cutting = { ...(cut !== undefined && { cut }) }

  it('has stages of the channels that it says, and is cut into a body that ends in the last', async () => {
    const net = made(arch)
    const { stages, channels } = net
    const groups = net.groups()
    expectPartition(groups, net)
    net.eval()
    const staged = tf.tidy(() => {
      const x = images()
      const maps: tf.Tensor4D[] = []
      for (const stage of stages) maps.push(forward(stage, maps.at(-1) ?? x) as tf.Tensor4D)
      expect(maps.map((m) => m.shape[3])).toEqual([...channels])
      const sizes = [size, ...maps.map((m) => m.shape[1])]
      // Every stage but that of VGG, which begins at full size, and those that are at one pixel already, shrinks.
      for (const [i, s] of sizes.slice(1).entries())
        expect(s === 1 || s < sizes[i]! || (i === 0 && s === size)).toBe(true)
      expect(net.forward(x).shape).toEqual([2, nOut])
      return numbers(maps.at(-1)!)
    })
    using body = await createBody(net, cutting)
    expect(result(body, images)).toEqual(staged)
    const divided = split(new Sequential([body, new Sequential([])]) as BodyAndHead)
    expect(divided.slice(0, -1).map((g) => new Set(g))).toEqual(groups.slice(0, -1).map((g) => new Set(g)))
  })

  it('has a gradient for every parameter, and the one that the loss falls by', () => {
    using net = made(arch)
    net.eval()
    tf.tidy(() => {
      const [x, r] = [images(), drawn([2, nOut], 2)]
      const parts = () => tf.mul(net.forward(x), r)
      const parameters = net.parameters()
      const { result: first, tape } = record(() => {
        const each = parts()
        return { scale: tf.sum(tf.abs(each)), loss: tf.sum(each) }
      })
      const gradients = tape.backward(first.loss, parameters) as tf.Tensor[]
      const norms = numbers(tf.stack(gradients.map((g) => tf.norm(g))))
      const names = [...net.weights()].filter((w) => w.variable.trainable).map((w) => w.path)
      expect(names.filter((_, i) => !(norms[i]! > 0))).toEqual([])
      // Along the gradient the loss changes by the gradient's length.
      const length = Math.hypot(...norms)
      const by = (3e-3 * numbers(first.scale)[0]!) / length
      const moved = (distance: number) => {
        for (const [i, p] of parameters.entries())
          tf.tidy(() => p.assign(tf.add(p, tf.mul(gradients[i]!, distance / length))))
        return numbers(tf.sum(parts()))[0]!
      }
      const [above, below] = [moved(by), moved(-2 * by)]
      expect((above - below) / (2 * by) / length).toBeCloseTo(1, 1)
    })
  })

  it('carries a head: from a file of its weights, frozen, and made again from what an export says', async () => {
    const net = made(arch)
    const weights = filed(net)
    using body = await createBody(net, cutting)
    const model = await graft(narrow(arch), nOut, { weights, linFtrs: [8] })
    using learn = await learnerOf(arch, model)
    const [grafted, head] = model.layers as [AnyModule, AnyModule]
    expect(result(grafted, images)).toEqual(result(body, images))
    expect(numFeatures(body)).toBe(net.channels.at(-1))
    expectPartition(split(model as unknown as BodyAndHead), model)
    learn.freeze()
    const trained = new Set(learn.opt.trainable)
    expect(head.parameters().every((p) => trained.has(p))).toBe(true)
    const bodily = [...grafted.weights()].filter((w) => trained.has(w.variable)).map((w) => w.owner.kind)
    expect(bodily.every((kind) => /Norm/.test(kind))).toBe(true)
    learn.unfreeze()
    expect(learn.opt.trainable).toHaveLength(model.parameters().length)
    using again = makeModel(JSON.parse(JSON.stringify(model.portable?.toJSON?.())) as DescribedModel)
    loadStateDict(again, filed(model))
    expect(result(again, images)).toEqual(result(model, images))
  })

  it('takes more channels, that change nothing at first, and carries the decoder of a U-Net', async () => {
    using three = await createBody(made(arch), cutting)
    const body = await createBody(made(arch), { nIn: 5, ...cutting })
    using unet = withoutInit(() => new DynamicUnet(body, 2, [size, size]))
    near(
      result(body, () => tf.concat([images(3), images(2, 9)], 3)),
      result(three, () => images(3)),
    )
    unet.eval()
    expect(tf.tidy(() => unet.forward(images(5)).shape)).toEqual([2, size, size, 2])
  })

  if (!firsts.has(arch)) return

  it('takes grey pictures as colours that are alike', async () => {
    using three = await createBody(made(arch), cutting)
    using one = await createBody(made(arch), { nIn: 1, ...cutting })
    near(
      result(one, () => images(1)),
      result(three, () => tf.tile(images(1), [1, 1, 1, 3])),
    )
  })

  it('comes back whole from a file of its weights', () => {
    using net = made(arch)
    using other = withoutInit(() => narrow(arch)())
    loadStateDict(other, filed(net))
    expect(result(other, images)).toEqual(result(net, images))
    expect([...stateDict(other).keys()]).toEqual([...stateDict(net).keys()])
  })

  it('trains in train mode: running statistics move, and every gradient is a number', () => {
    using net = made(arch)
    net.train()
    tf.tidy(() => {
      const { result: loss, tape } = record(() => tf.mean(tf.square(net.forward(images()))))
      const gradients = tape.backward(loss, net.parameters())
      expect(gradients.every((g) => numbers(tf.sum(g!)).every(Number.isFinite))).toBe(true)
    })
    const norms = [...net.modules()].flatMap(([, m]) => (m instanceof BatchNorm ? [m] : []))
    expect(norms.every((m) => m.batchesTracked === 1)).toBe(true)
  })
})
