import { type AnyModule, Conv2d, Learner, Sequential, tf, useEngine } from '@espalier/core'
import {
  dataBlock,
  EspalierError,
  type ItemTransform,
  type NdArray,
  ndArray,
  noSplitter,
  transformBlock,
} from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type Arch,
  createUnetModel,
  imageBlock,
  maskBlock,
  mobilenetV2,
  resize,
  resnet18,
  squeezenet1_1,
  type UnetLearnerOptions,
  unetLearner,
  type VisionLearnerOptions,
  visionLearner,
  withOptions,
  xresnet18,
} from '../src/node/index.js'

beforeAll(async () => {
  await useEngine('wasm')
})

type Mask = NdArray<'uint8'> | Uint8Array
interface Pair {
  readonly picture: NdArray<'uint8'>
  readonly mask: Mask
}

const picture = (h: number, w: number, c = 3) =>
  ndArray('uint8', [h, w, c], new Uint8Array(h * w * c).fill(9))
const mask = (h: number, w: number, value = 1) => ndArray('uint8', [h, w], new Uint8Array(h * w).fill(value))
const square = (size: number): Pair => ({ picture: picture(size, size), mask: mask(size, size) })
const slim: Arch = withOptions(resnet18, { widen: 0.125 })
const greyNet: Arch = withOptions(xresnet18, { cIn: 1, widen: 0.125, stemSzs: [8, 8, 16] } as object)
const squeeze: Arch = withOptions(squeezenet1_1, { widen: 0.25 })

/** The item and one like it. */
function loaders(item: Pair, itemTfms: readonly ItemTransform[] = [], grey = false) {
  const block = dataBlock({
    blocks: [imageBlock({ grey }), maskBlock({ codes: ['sky', 'road', 'car'] })],
    getItems: (source: readonly Pair[]) => source,
    getX: (pair: Pair) => pair.picture,
    getY: (pair: Pair) => pair.mask,
    splitter: noSplitter(),
    itemTfms,
  })
  return block.dataLoaders([item, item], { bs: 2 })
}

const quiet = { pretrained: false, verbose: false } as const

async function trained(
  item: Pair,
  options: UnetLearnerOptions & {
    readonly itemTfms?: readonly ItemTransform[]
    readonly grey?: boolean
  } = {},
  arch: Arch = slim,
): Promise<void> {
  const { itemTfms, grey, ...rest } = options
  using learn = await unetLearner(await loaders(item, itemTfms, grey), arch, { ...quiet, ...rest })
  await learn.fit(1)
}

async function classified(item: Pair, options: VisionLearnerOptions, arch: Arch = slim): Promise<void> {
  using learn = await visionLearner(await loaders(item), arch, { ...quiet, ...options })
  await learn.fit(1)
}

async function predicted(item: NdArray<'uint8'>, arch: Arch = slim): Promise<void> {
  using learn = await unetLearner(await loaders(square(32)), arch, quiet)
  await learn.predict(item)
}

const onItsSide = { picture: picture(32, 64), mask: mask(64, 32) }
const turned =
  'loading item 0: the mask is 32×64 px, its picture 64×32 px\n  → turn one of them: pictures are turned as their EXIF data says'
const empty =
  'loading item 0: there are no pixels in uint8 [0,0]\n  → leave out the items whose mask is empty'
const tooSmall = (size: string) =>
  `pictures of ${size} are too small for the encoder: they are down to one pixel before its last part\n  → use larger pictures, such as 32×32`
const noStages = 'the encoder of a U-Net has no part that makes features smaller after the first'

type Row = readonly [what: string, run: () => Promise<unknown>, message: string]
const rows: Readonly<Record<string, readonly Row[]>> = {
  'masks of another size': [
    ['on its side', () => trained(onItsSide), turned],
    ['on its side, resized', () => trained(onItsSide, { itemTfms: [resize(32)] }), turned],
    ['on its side, for a classifier', () => classified(onItsSide, {}), turned],
    [
      'of another picture',
      () => trained({ picture: picture(32, 48), mask: mask(32, 32) }, { itemTfms: [resize(32)] }),
      'the mask is 32×32 px, its picture 48×32 px\n  → give the mask of this picture',
    ],
    [
      'half as large, not resized',
      () => trained({ picture: picture(64, 64), mask: mask(32, 32) }),
      'the pictures are 64×64 px, their masks 32×32 px\n  → bring both to one size: itemTfms: [resize([64, 64])]',
    ],
    [
      'half as large, where the size was told',
      () => trained({ picture: picture(64, 64), mask: mask(32, 32) }, { imgSize: [64, 64] }),
      '8192 rows of logits but 2048 labels: predictions [2,64,64,3], targets [2,32,32]',
    ],
  ],
  'values of masks': [
    [
      'beyond the codes',
      () => trained({ ...square(32), mask: mask(32, 32, 3) }),
      'loading item 0: the mask in memory has a pixel of the value 3, which is of no class\n  → its values are 3: say values or ignore',
    ],
    [
      'colours',
      () => trained({ ...square(32), mask: picture(32, 32) }),
      'loading item 0: pixels must be uint8 [h, w, 1], got uint8 [32,32,3]\n  → give one number per pixel',
    ],
    ['none', () => trained({ ...square(32), mask: mask(0, 0) }), empty],
    ['none, resized', () => trained({ ...square(32), mask: mask(0, 0) }, { itemTfms: [resize(32)] }), empty],
    [
      'an empty file',
      () => trained({ ...square(32), mask: new Uint8Array(0) }),
      'none of the 2 items could be read: item 0: empty file',
    ],
    [
      'no mask',
      () => trained({ ...square(32), mask: undefined as never }),
      'the label function returned undefined for',
    ],
  ],
  'bodies of a U-Net': [
    ['cut after the stem', () => trained(square(32), { cut: 1 }), noStages],
    ['cut inside the features', () => trained(square(32), { cut: [1, 2] }, mobilenetV2), noStages],
    [
      'of one layer',
      () => trained(square(32), { cut: () => new Sequential([new Conv2d(3, 4, 1)]) }),
      noStages,
    ],
    [
      'a cut that returns nothing',
      () => trained(square(32), { cut: () => undefined as unknown as AnyModule }),
      'the cut must return a module, got undefined',
    ],
    [
      'a cut inside what is no sequence',
      () => trained(square(32), { cut: [-2, -1, -1] }),
      'the cut goes on inside BasicBlock, which is no sequence\n  → end it before',
    ],
    [
      'a cut of words',
      () => trained(square(32), { cut: ['features'] as never }),
      'the cut must be a whole number',
    ],
    ['a cut that leaves nothing', () => trained(square(32), { cut: [-2, -99] }), 'leaves nothing of the '],
    [
      'with the classifier',
      () => trained(square(32), { cut: 100 }),
      'pictures of 32×32 do not get through part 9 (Linear) of the encoder',
    ],
  ],
  'numbers of outputs': [
    [
      'too few',
      () => trained(square(32), { nOut: 2 }),
      'the model would have 2 outputs, the data has 3 classes\n  → leave nOut out',
    ],
    ['none', () => trained(square(32), { nOut: 0 }), 'a U-Net needs at least one output, got 0'],
    [
      'that cannot be told',
      async () => {
        const dls = await dataBlock({
          blocks: [imageBlock(), transformBlock()],
          getItems: (source: readonly Pair[]) => source,
          getX: (pair: Pair) => pair.picture,
          getY: (pair: Pair) => pair.picture,
          splitter: noSplitter(),
        }).dataLoaders([square(32), square(32)], { bs: 2 })
        return unetLearner(dls as never, slim, quiet)
      },
      'the number of outputs cannot be told from these data loaders\n  → pass nOut to the learner',
    ],
    [
      'of a model of one’s own',
      async () => {
        const model = await createUnetModel(slim, 2, [32, 32], { pretrained: false })
        using learn = new Learner(await loaders(square(32)), model, { verbose: false })
        await learn.predict(picture(32, 32))
      },
      'the model has 2 outputs, its vocabulary 3 classes',
    ],
  ],
  'sizes of pictures': [
    ['of 4', () => trained(square(4)), tooSmall('4×4')],
    ['of one pixel', () => trained(square(1)), tooSmall('1×1')],
    [
      'too flat',
      () => trained({ picture: picture(8, 64), mask: mask(8, 64) }),
      'pictures of 8×64 are too small for the encoder: they are down to one pixel before its last part\n  → use larger pictures, such as 32×64',
    ],
    [
      'smaller than a pool',
      () => trained(square(8), {}, squeeze),
      'pictures of 8×8 do not get through part 5 (MaxPool2d) of the encoder',
    ],
    [
      'smaller than a pool, for a classifier',
      () => classified(square(8), {}, squeeze),
      'the model (Sequential) cannot take a batch of [2,8,8,3]: maxPool2d: an input of [2,1,1,32] is smaller than the 3×3 kernel',
    ],
    [
      'smaller than a pool, when predicted',
      () => predicted(picture(8, 8), squeeze),
      'the model (DynamicUnet) cannot take a batch of [1,8,8,3]: maxPool2d',
    ],
    [
      'that is none',
      () => trained(square(32), { imgSize: [0, 5] }),
      'the size of the pictures must be [height, width], got [0,5]',
    ],
  ],
  channels: [
    [
      'fewer than the model takes',
      () => trained(square(32), { nIn: 4 }),
      'the pictures have 3 channels, the model would take 4\n  → say nIn: 3, or read 4 channels: imageBlock({ channels: 4 })',
    ],
    [
      'grey, for a model of colours',
      () => trained({ picture: picture(32, 32, 1), mask: mask(32, 32) }, { grey: true }),
      'the pictures have 1 channel, the model would take 3\n  → say nIn: 1, or read 3 channels: imageBlock()',
    ],
    [
      'colours, for an architecture of grey',
      () => trained(square(32), {}, greyNet),
      'the pictures have 3 channels, the model would take 1\n  → say nIn: 3, or read 1 channel: imageBlock({ grey: true })',
    ],
    [
      'for a classifier of five',
      () => classified(square(32), { nIn: 5 }),
      'cannot take a batch of [2,32,32,3]: conv2d: expected 5 input channels, got 3',
    ],
    [
      'of a picture that is predicted',
      () => predicted(picture(32, 32, 5)),
      'loading item 0: pixels must be uint8 [h, w, 3], got uint8 [32,32,5]',
    ],
  ],
}

describe.each(Object.entries(rows))('%s', (_, table) => {
  it.each(table)('%s', async (__, run, message) => {
    const before = tf.memory().numTensors
    const error = await run().then(
      () => new Error('it was done'),
      (e: unknown) => e,
    )
    expect((error as Error).message).toContain(message)
    expect(error).toBeInstanceOf(EspalierError)
    expect((error as Error).message).toContain('\n  → ')
    expect(tf.memory().numTensors).toBe(before)
  })
})

it('a mask of another scale, a picture as small as the stride, and fewer values than classes are fine', async () => {
  await trained({ picture: picture(64, 96), mask: mask(32, 48, 0) }, { itemTfms: [resize(32)] })
  await trained({ picture: picture(33, 65), mask: mask(16, 32, 2) }, { itemTfms: [resize([32, 64])] })
})
