import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnyModule,
  GELU,
  Mish,
  ReLU6,
  Sequential,
  Sigmoid,
  Swish,
  Tanh,
  tf,
  useEngine,
} from '@espalier/core'
import { dataBlock, EspalierError, type NdArray, ndArray, noSplitter, Random } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { narrow, sizeFor } from '../../test/narrow.js'
import {
  type Arch,
  alexnet,
  convnextTiny,
  densenet121,
  imageBlock,
  loadLearner,
  type MaskPrediction,
  maskBlock,
  mobilenetV2,
  modelMeta,
  resnet18,
  resnet50,
  type UnetLearnerOptions,
  unetLearner,
  visionLearner,
  withOptions,
  xresnet18,
} from '../node/index.js'

const folder = mkdtempSync(join(tmpdir(), 'portable-unet-'))
beforeAll(async () => {
  await useEngine()
})
afterAll(() => rmSync(folder, { recursive: true }))

const channels = (n: number, seed: number, size: number): NdArray<'uint8'> => {
  const random = new Random(seed, 'pixels')
  const data = Uint8Array.from({ length: size * size * n }, () => random.int(256))
  return ndArray('uint8', [size, size, n], data)
}
const items = (size: number) =>
  Array.from({ length: 2 }, (_, i) => {
    const picture = channels(3, i, size)
    return {
      picture,
      mask: ndArray(
        'uint8',
        [size, size],
        channels(1, i, size).data.map((v) => v % 3),
      ),
    }
  })

function loaders(size: number) {
  const block = dataBlock({
    blocks: [imageBlock(), maskBlock({ codes: ['a', 'b', 'c'] })],
    getItems: (source: ReturnType<typeof items>) => source,
    getX: ({ picture }) => picture,
    getY: ({ mask }) => mask,
    splitter: noSplitter(),
  })
  return block.dataLoaders(items(size), { bs: 2 })
}

/** Exports, loads and compares; after a step, so that running statistics are no longer those of a new network. */
async function comesBack(
  arch: Arch,
  size: number,
  options: UnetLearnerOptions = {},
  steps = 1,
): Promise<void> {
  const before = tf.memory().numTensors
  const path = join(folder, 'model')
  {
    const dls = await loaders(size)
    using learn = await unetLearner(dls, arch, { pretrained: false, verbose: false, ...options })
    await learn.fit(steps)
    const { picture } = items(size)[0]!
    const { mask, probabilities } = (await learn.predict(picture)) as MaskPrediction
    await learn.export(path)
    using loaded = await loadLearner<MaskPrediction>(path)
    const again = await loaded.predict(picture)
    expect(String(loaded.model)).toBe(String(learn.model))
    expect(again.mask.data).toEqual(mask.data)
    expect(again.probabilities.data).toEqual(probabilities.data)
    expect(new Set(probabilities.data).size).toBeGreaterThan(9)
  }
  expect(tf.memory().numTensors).toBe(before)
}

describe('an exported U-Net gives the same again, over', () => {
  const names = [...modelMeta.keys()].map((arch) => arch.archName).filter((name) => !name.startsWith('test-'))
  /** Those of a family differ in depth and width only: ESPALIER_ALL=1 takes them all. */
  const familyOf = (name: string) => name.replace(/\d+/g, '')
  const first = (name: string) => names.find((other) => familyOf(other) === familyOf(name)) === name
  const all = process.env['ESPALIER_ALL'] === '1'
  const archs = [...modelMeta.keys()].flatMap((arch) => {
    const { archName } = arch
    return names.includes(archName) && (all || first(archName)) ? [[archName, arch] as const] : []
  })
  /** However narrow, MobileNetV2 ends in 1280 channels, for which a decoder is large. */
  const cutFor = (arch: Arch) => (arch === mobilenetV2 ? { cut: [-1, -1] } : {})
  it.each(archs)('%s', (name, arch) => comesBack(narrow(arch), sizeFor(name), cutFor(arch), 0))
})

const slim = narrow(resnet18)
describe('an exported U-Net gives the same again, with', () => {
  it.each<[string, UnetLearnerOptions]>([
    ['blur', { blur: true }],
    ['blur but not at the end', { blur: true, blurFinal: false }],
    ['self-attention', { selfAttention: true }],
    ['no last cross', { lastCross: false }],
    ['a bottle', { bottle: true }],
    ['all of them', { blur: true, selfAttention: true, bottle: true, normType: 'weight' }],
    ['batch norm', { normType: 'batch' }],
    ['batch norm that begins at zero', { normType: 'batchZero' }],
    ['instance norm', { normType: 'instance' }],
    ['weight norm', { normType: 'weight' }],
    ['spectral norm', { normType: 'spectral' }],
    ['no init', { init: null }],
    ['an early cut', { cut: 6 }],
    ['a late cut', { cut: -3 }],
    ['a cut inside the last stage', { cut: [-2, 1] }],
    ['the size of the pictures', { imgSize: [64, 96] }],
    ...[Tanh, Sigmoid, Mish, Swish, GELU, ReLU6].map((Act): [string, UnetLearnerOptions] => [
      `the activation ${Act.name}`,
      { act: () => new Act() },
    ]),
  ])('%s', (_, options) => comesBack(slim, 32, options))

  it('a range', async () => {
    await comesBack(slim, 32, { yRange: [-1, 1] })
    const { model } = JSON.parse(readFileSync(join(folder, 'model', 'model.json'), 'utf8'))
    expect(model.options.options.yRange).toEqual([-1, 1])
  })

  it.each<[string, Arch]>([
    [
      'an activation, attention and blurring in the body',
      withOptions(narrow(xresnet18), { act: 'mish', sa: true, antiAlias: true } as never),
    ],
    ['half the channels', withOptions(resnet18, { widen: 0.5 })],
  ])('%s', (_, arch) => comesBack(arch, 32))
})

describe('a list of numbers cuts inside the last part that is left', () => {
  it.each<[string, Arch, readonly number[], number]>([
    ['MobileNetV2 without its last convolution', mobilenetV2, [-1, -1], 40],
    ['MobileNetV2 up to its 14th layer', mobilenetV2, [1, 14], 16],
    ['ResNet-50 without the last block', resnet50, [-2, -1], 256],
    ['DenseNet without its last norm', densenet121, [-1, -1], 0],
    ['ConvNeXt without its last blocks', convnextTiny, [-2, -1], 0],
    ['AlexNet without its last pool', alexnet, [-2, -1], 32],
  ])('%s', async (_, arch, cut, features) => {
    await comesBack(narrow(arch), sizeFor(arch.archName), { cut })
    const { model } = JSON.parse(readFileSync(join(folder, 'model', 'model.json'), 'utf8'))
    expect(model.options.cut).toEqual(cut)
    if (features) expect(model.options.plan.nFeatures).toBe(features)
  })

  it('also for a classifier', async () => {
    const dls = await dataBlock({
      blocks: [imageBlock(), maskBlock({ codes: ['a', 'b', 'c'] })],
      getItems: (source: ReturnType<typeof items>) => source,
      getX: ({ picture }) => picture,
      getY: ({ mask }) => mask,
      splitter: noSplitter(),
    }).dataLoaders(items(32), { bs: 2 })
    using learn = await visionLearner(dls, narrow(mobilenetV2), {
      pretrained: false,
      cut: [-1, -1],
      verbose: false,
    })
    const head = learn.model.layers[1] as Sequential
    expect(String(head)).toContain('BatchNorm1d(80')
    expect(learn.opt.groups).toHaveLength(3)
  })
})

describe('what no file can hold is refused when it is exported, and says what to do', () => {
  class Odd extends Tanh {}
  const cut = (model: AnyModule) => new Sequential([...model.children()].slice(0, -2).map(([, part]) => part))
  it.each<[string, Arch, UnetLearnerOptions, string]>([
    [
      'a cut',
      slim,
      { cut },
      'its cut is a function, which no file can hold\n  → say in numbers where it is cut: cut: [-1, -1]',
    ],
    [
      'an activation',
      slim,
      { act: () => new Odd() },
      'its activation is Odd, which bundles do not know\n  → take one of ReLU, ',
    ],
    [
      'an option of the body',
      withOptions(narrow(xresnet18), { act: () => new Mish() } as never),
      {},
      "an option of 'xresnet18' is more than a file can hold\n  → give numbers and names",
    ],
  ])('%s', async (_, arch, options, message) => {
    using learn = await unetLearner(await loaders(32), arch, {
      pretrained: false,
      verbose: false,
      ...options,
    })
    const error = await learn.export(join(folder, 'refused')).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(EspalierError)
    expect((error as Error).message).toContain(`the model 'unetModel' cannot be exported: ${message}`)
  })
})
