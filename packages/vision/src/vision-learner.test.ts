import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSafetensors, type SafeTensor, stateDict, tf, useEngine, writeSafetensors } from '@espalier/core'
import { categoryBlock, dataBlock, EspalierError, noSplitter } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { file } from '../test/files.js'
import {
  createBody,
  createHead,
  resize,
  squeezenet1_1,
  type VisionLearnerOptions,
  visionLearner,
  xresnet18,
} from './index.js'
import { imageBlock } from './node/image-block.js'
import './node/install.js'

const names = [
  'rgb.jpg',
  'photo.jpg',
  'grey.jpg',
  'cmyk.jpg',
  'rgb.png',
  'rgba.png',
  'palette.png',
  'tall.png',
]

function loaders() {
  const block = dataBlock({
    blocks: [imageBlock(), categoryBlock()],
    getItems: (list: readonly string[]) => list.map(file),
    getY: (path: string) => (path.endsWith('.jpg') ? 'jpeg' : 'other'),
    splitter: noSplitter(),
    itemTfms: [resize(40)],
  })
  return block.dataLoaders(names, { bs: 4, shuffle: false })
}
type Loaders = Awaited<ReturnType<typeof loaders>>

/** Weights of this architecture as a file has them. */
function weightsOfSqueezeNet(): Map<string, SafeTensor> {
  using model = squeezenet1_1()
  return new Map(readSafetensors(writeSafetensors(stateDict(model))).tensors)
}

let weights: Map<string, SafeTensor>

beforeAll(async () => {
  await useEngine('wasm')
  weights = weightsOfSqueezeNet()
})

/** Asserts an error that is meant to be read; that nothing is left behind is seen after each test. */
async function refused(run: () => unknown, message: string | RegExp): Promise<void> {
  const error = await Promise.resolve()
    .then(run)
    .catch((e: unknown) => e)
  expect(error).toBeInstanceOf(EspalierError)
  expect((error as Error).message).toMatch(message)
}

const learner = async (options: object = {}, arch: unknown = squeezenet1_1, dls: unknown = undefined) =>
  visionLearner((dls ?? (await loaders())) as Loaders, arch as typeof squeezenet1_1, {
    pretrained: false,
    verbose: false,
    ...(options as VisionLearnerOptions),
  })

describe('visionLearner', () => {
  it('wants data loaders', async () => {
    await refused(
      () => learner({}, squeezenet1_1, loaders()),
      'a learner needs data loaders, got Promise\n  → await',
    )
    await refused(() => learner({}, squeezenet1_1, names), 'a learner needs data loaders, got ["rgb.jpg",')
  })

  it('wants an architecture', async () => {
    const wanted = (arch: unknown, message: string) => refused(() => learner({}, arch), message)
    await wanted(
      'resnet34',
      `an architecture must be a function, got string "resnet34"\n  → pass the function itself, without quotes: import { resnet34 } from '@espalier/vision'`,
    )
    await wanted('mobilenet_v2', 'without quotes: import { mobilenetV2 }')
    await wanted('vgg', 'got string "vgg"\n  → pass one of these functions: resnet18, resnet34,')
    await wanted(null, "got null\n  → import one: import { resnet34 } from '@espalier/vision'")
    await wanted(() => 5, "got function without a name\n  → name yours: arch('my-net', () => …)")
    using model = squeezenet1_1()
    await wanted(model, 'got SqueezeNet\n  → pass the function, not the model it makes')
  })

  it.each<[options: object, message: string | RegExp]>([
    [{ nOut: 0 }, 'a model needs at least one output, got 0\n  → leave nOut out'],
    [{ nOut: Number.NaN }, 'a model needs at least one output, got NaN'],
    [{ nOut: '2' }, 'a model needs at least one output, got string "2"'],
    [
      { nOut: 5 },
      'the model would have 5 outputs, the data has 2 classes\n  → leave nOut out, or pass the lossFunc',
    ],
    [{ nIn: 0 }, 'nIn must be a number of channels, got 0\n  → say 3 for colours, 1 for grey pictures'],
    [
      { cut: 0 },
      'the cut 0 leaves nothing of the SqueezeNet\n  → it has 2 parts; cut: -1 leaves out the last one',
    ],
    [{ cut: 'x' }, 'the cut must be a whole number, a list of them or a function, got string "x"'],
    [{ ps: 2 }, 'createHead: a dropout must be from 0 to 1, got 2\n  → say ps: 0.5'],
    [
      { ps: [0.1, 0.2, 0.3] },
      'createHead: 2 linear layers need 2 dropouts, got [0.1,0.2,0.3]\n  → give one number',
    ],
    [{ linFtrs: 512 }, 'createHead: linFtrs cannot be 512\n  → it is a list of sizes: linFtrs: [512]'],
    [{ linFtrs: [0] }, 'createHead: linFtrs cannot be [0]'],
    [{ customHead: createHead }, 'a custom head must be a module, got function createHead'],
    [{ seed: 'x' }, 'the seed must be an integer, got string "x"'],
    [{ metrics: 'accuracy' }, 'metrics must be a list, got string "accuracy"'],
    [{ optFunc: () => 5 }, 'optFunc must make an optimizer, it returned number 5'],
    [{ splitter: () => [] }, 'a splitter must return lists of parameters, got [] among them'],
    [{ weights: 'some.pth' }, 'weights are given, but pretrained is false\n  → leave pretrained out'],
    [{ linFtr: [20] }, "visionLearner has no option 'linFtr'\n  → did you mean linFtrs?"],
    [{ init: 5 }, 'init draws weights: it must be a function, got number 5'],
    [{ pretrained: true, weights: 5 }, 'weights must be a path, a name or a state dict, got number 5'],
    [
      { pretrained: true, weights: 'no/such.pth' },
      "there is no file 'no/such.pth'\n  → weights are a path, hf://",
    ],
    [
      { pretrained: true, weights: 'bundled:resnet34' },
      "no weights 'resnet34' come with @espalier/vision\n  → there are bundled:mobilenet_v2_body; others are",
    ],
    [
      { pretrained: true, weights: file('rgb.jpg') },
      /^cannot read '.*rgb\.jpg': these are not weights that can be read: the file is of an unknown format\n/,
    ],
  ])('says what is wrong with %j, and leaves nothing', async (options, message) => {
    // A frozen body makes its optimizer at once: only then are these two seen.
    const frozen = 'optFunc' in options || 'splitter' in options
    await refused(async () => {
      using learn = await learner({ ...options, ...(frozen && { pretrained: true, weights }) })
      return learn
    }, message)
  })

  it('says where an architecture has no weights', async () => {
    await refused(
      () => learner({ pretrained: true }, xresnet18),
      "there are no pretrained weights for 'xresnet18'\n  → pass weights",
    )
  })

  it('says what is wrong with a file of weights that asks for more than tensors, or was tampered with', async () => {
    const from = (path: string, message: RegExp) =>
      refused(() => learner({ pretrained: true, weights: path }), message)
    await from(
      file('../../../weights/hostile/os-system.pth'),
      /^cannot read '.*os-system\.pth': this file asks Python for 'posix\.system', which is more than tensors; nothing of it was run\n {2}→ if you trust it/,
    )
    const folder = mkdtempSync(join(tmpdir(), 'espalier-weights-'))
    const path = join(folder, 'tampered.safetensors')
    const bytes = writeSafetensors(new Map([['w', { shape: [2], data: Float32Array.of(1, 2) }]]))
    writeFileSync(path, Buffer.from(bytes).toString('latin1').replace('[2]', '[3]'), 'latin1')
    await from(
      path,
      /^cannot read '.*tampered\.safetensors': not a valid safetensors file: tensor 'w': F32 \[3\] takes 12 bytes, its offsets span 8\n {2}→ it is damaged/,
    )
    rmSync(folder, { recursive: true })
  })

  it('takes outputs that a loss or a head of the user’s own is for', async () => {
    using one = await learner({ nOut: 5, lossFunc: (pred: tf.Tensor) => tf.mean(tf.square(pred)) })
    await one.fit(1, 1e-3)
    using other = await learner({ nOut: 5, customHead: createHead(512, 2) })
    await other.fit(1, 1e-3)
  })
})

describe('weights that do not fit a body are named, with the file they came from:', () => {
  const body = (change: (dict: Map<string, SafeTensor>) => void) => async () => {
    const dict = new Map(weights)
    change(dict)
    using made = await createBody(squeezenet1_1, { weights: dict })
    return made
  }
  const fix = '\n  → check that architecture and weights belong together, or say pretrained: false'

  it('missing', async () => {
    await refused(
      body((dict) => dict.delete('features.3.squeeze.bias')),
      `these weights do not fit the body of the SqueezeNet: 1 missing: features.3.squeeze.bias${fix}`,
    )
  })

  it('too many', async () => {
    await refused(
      body((dict) => dict.set('features.99.weight', dict.get('features.0.bias')!)),
      `these weights do not fit the body of the SqueezeNet: 1 unexpected: features.99.weight${fix}`,
    )
  })

  it('of another shape', async () => {
    await refused(
      body((dict) => dict.set('features.0.bias', { dtype: 'F32', shape: [2], bytes: new Uint8Array(8) })),
      `these weights do not fit the SqueezeNet: 1 of another shape: features.0.bias is [2], expected [64]${fix}`,
    )
  })

  it('of another architecture', async () => {
    await refused(
      () => createBody(squeezenet1_1, { weights: 'bundled:mobilenet_v2_body' }),
      /^the weights 'bundled:mobilenet_v2_body' do not fit the body of the SqueezeNet: 50 missing: .* and 45 more; 260 unexpected: /,
    )
  })

  it('but a classifier for other classes, or none, does not matter', async () => {
    await body((dict) => {
      for (const key of [...dict.keys()]) if (key.startsWith('classifier')) dict.delete(key)
    })()
    await body((dict) =>
      dict.set('classifier.1.bias', { dtype: 'F32', shape: [2], bytes: new Uint8Array(8) }),
    )()
  })
})

describe('a fit', () => {
  it('of a model for another number of channels says which', async () => {
    using learn = await learner({ nIn: 1 })
    await refused(
      () => learn.fit(1),
      /^the model \(Sequential\) cannot take a batch of \[4,40,40,3\]: conv2d: expected 1 input channels, got 3 .*\n {2}→ compare the shape with what the layers expect: nIn is the number of channels, resize the size$/,
    )
  })

  it('with batches of one says what batch norm needs', async () => {
    const dls = (await loaders()).with({ bs: 1 })
    using learn = await learner({}, squeezenet1_1, dls)
    await refused(() => learn.fit(1), /batchNorm: one value per channel .*\n {2}→ use batches of at least 2/)
  })

  it('stops at a loss that is not a number, with the step and the files of the batch', async () => {
    const lossFunc = (pred: tf.Tensor, target: tf.Tensor) => {
      const right = tf.mean(tf.square(pred))
      // All files of the second batch are of the other class.
      return tf.mean(tf.cast(target, 'float32')).dataSync()[0] === 1 ? tf.log(tf.neg(right)) : right
    }
    using learn = await learner({ lossFunc })
    const before = [...learn.model.weights()].length
    await refused(
      () => learn.fit(1, 1e-4),
      new RegExp(
        `^the loss is NaN at step 1 \\(epoch 0, batch 1\\); the batch holds ${names
          .slice(4)
          .map((name) => `.*/${name.replace('.', '\\.')}`)
          .join(
            ', ',
          )}\\n {2}→ .*a learning rate of 0\\.00010 may be too high \\(lrFind suggests one\\), or the loss is undefined for a target$`,
      ),
    )
    expect([...learn.model.weights()]).toHaveLength(before)
  })
})

it('a head needs whole sizes', () => {
  expect(() => createHead(Number.NaN, 2)).toThrow(
    'createHead: nf cannot be NaN\n  → it is the number of channels',
  )
  expect(() => createHead(8, 0)).toThrow(
    'createHead: nOut cannot be 0\n  → it is the number of outputs: dls.c',
  )
})
