import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  accuracy,
  adam,
  BatchNorm,
  type Block,
  Conv2d,
  categoryBlock,
  crossEntropyLossFlat,
  DataLoader,
  type DataLoaders,
  dataBlock,
  datasets,
  EspalierError,
  getImageFiles,
  ImageDataLoaders,
  imageBlock,
  indexSplitter,
  Learner,
  Linear,
  loadLearner,
  lrSlice,
  type Module,
  mobilenetV2,
  mseLossFlat,
  type NdArray,
  ndArray,
  params,
  parentLabel,
  Random,
  randomSplitter,
  regexLabeller,
  resize,
  type Sequential,
  sequential,
  tf,
  useEngine,
  visionLearner,
} from '../src/index.js'

/** What people get wrong, each with what they are told: a few lines that say what, where and what to do. */

const photos = fileURLToPath(new URL('../../../apps/demo/data/pets/images', import.meta.url))
let dir = ''

beforeAll(async () => {
  await useEngine('wasm')
  dir = await mkdtemp(join(tmpdir(), 'espalier-mistakes-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const items = Array.from({ length: 20 }, (_, i) => i)
const numbers = (i: number, n = 4) => {
  const random = new Random(1, 'mistakes', i)
  return ndArray(
    'float32',
    [n],
    Float32Array.from({ length: n }, () => random.normal()),
  )
}
const vector = (encode = (i: number) => numbers(i)): Block<number, NdArray<'float32'>> => ({
  name: 'vector',
  typeTfms: () => [{ name: 'numbers', encode }],
})
const label = (i: number) => (i % 2 ? 'odd' : 'even')

const block = (more: object = {}) =>
  dataBlock({
    blocks: [vector(), categoryBlock()],
    getY: label,
    splitter: indexSplitter([0, 1, 2, 3]),
    ...more,
  } as never)
const loaders = (more: object = {}, options: object = {}) =>
  block(more).dataLoaders(items as never, { bs: 4, ...options }) as Promise<never>
const images = async (options: object = {}) => {
  const files = (await getImageFiles(photos)).slice(0, 24)
  return ImageDataLoaders.fromNameRe(files, /^(.+)_\d+\.jpg$/, { bs: 4, itemTfms: [resize(32)], ...options })
}
const made: Module<never[], unknown>[] = []
const classifier = () => {
  const model = sequential(new Linear(4, 2))
  made.push(model)
  return model
}
afterEach(() => {
  for (const model of made.splice(0)) model[Symbol.dispose]()
})

/** A learner of the numbers, given back at the end. */
async function learning(run: (learn: Learner) => unknown, more: object = {}, model = classifier() as Module) {
  using learn = new Learner(await loaders(), model as never, { verbose: false, ...more })
  return await run(learn)
}

const mistakes: readonly (readonly [what: string, make: () => unknown])[] = [
  ['no blocks', () => dataBlock({ blocks: [] } as never)],
  ['a block that was not called', () => dataBlock({ blocks: [imageBlock, categoryBlock()] } as never)],
  ['too few getters', () => block({ getters: [label] })],
  ['getItems that lists nothing', () => block({ getItems: () => [] }).datasets(items as never)],
  ['getItems that is no list', () => block({ getItems: () => 'pets' }).datasets(items as never)],
  ['a folder that is not there', () => getImageFiles(join(dir, 'nowhere'))],
  [
    'a label function that fails',
    () =>
      loaders({
        getY: (i: number) => {
          throw new Error(`there is no row ${i} in labels.csv`)
        },
      }),
  ],
  ['a label that is missing', () => loaders({ getY: (i: number) => (i === 7 ? undefined : label(i)) })],
  ['a label that is a number', () => loaders({ getY: (i: number) => i % 2 })],
  ['one class only', () => loaders({ getY: () => 'cat' })],
  ['a class seen in validation only', () => loaders({ getY: (i: number) => (i === 0 ? 'rare' : label(i)) })],
  [
    'a vocabulary without the label',
    () => loaders({ blocks: [vector(), categoryBlock({ vocab: ['even', 'other'] })] }),
  ],
  ['a splitter that was not called', () => loaders({ splitter: randomSplitter })],
  ['a splitter that holds out everything', () => loaders({ splitter: indexSplitter(items) })],
  ['a splitter that holds out nothing', () => loaders({ splitter: () => [items, []] })],
  ['a split beyond the items', () => loaders({ splitter: indexSplitter([99]) })],
  ['a share of 20 instead of 0.2', () => randomSplitter({ validPct: 20 })],
  ['a batch that cannot be filled', () => loaders({}, { bs: 64 })],
  ['a batch size of 0', () => loaders({}, { bs: 0 })],
  ['a seed that is text', () => loaders({}, { seed: 'forty-two' })],
  [
    'samples of different sizes',
    () =>
      loaders({ blocks: [vector((i) => numbers(i, 4 + (i % 2))), categoryBlock()] }).then(
        (dls: DataLoaders) => dls.oneBatch(),
      ),
  ],
  ['photos of different sizes', async () => (await images({ itemTfms: [] })).oneBatch()],
  ['resize in the wrong list', () => images({ itemTfms: [], batchTfms: [resize(32)] })],
  ['a transform that was not called', () => images({ itemTfms: [resize] })],
  ['a size that is text', () => resize('224' as never)],
  ['a pattern without a group', () => regexLabeller(/_\d+\.jpg$/)],
  ['a pattern that does not match', () => regexLabeller(/^(\d+)_/)('pug_1.jpg')],
  ['a label from a folder that is not there', () => parentLabel('photo.jpg')],
  [
    'a file that is no picture',
    async () => {
      await writeFile(join(dir, 'pug_1.jpg'), 'not a picture')
      using learn = await visionLearner(await images(), mobilenetV2, { pretrained: false, verbose: false })
      return learn.predict(join(dir, 'pug_1.jpg'))
    },
  ],
  [
    'a path that is not there',
    async () => {
      using learn = await visionLearner(await images(), mobilenetV2, { pretrained: false, verbose: false })
      return learn.predict('gone.jpg')
    },
  ],
  ['an architecture by a wrong name', async () => visionLearner(await images(), 'resnet34' as never)],
  [
    'weights that do not exist',
    async () => visionLearner(await images(), mobilenetV2, { weights: join(dir, 'none.safetensors') }),
  ],
  [
    'a loader given as loaders',
    async () => new Learner((await images()).train as never, classifier() as never),
  ],
  ['a model that is a class', async () => new Learner(await loaders(), Linear as never)],
  ['a model of other inputs', () => learning((l) => l.fit(1), {}, sequential(new Linear(5, 2)))],
  [
    'a model for pictures and data of numbers',
    () => learning((l) => l.fit(1), {}, sequential(new Conv2d(3, 8, 3)) as never),
  ],
  ['too few outputs', () => learning((l) => l.fit(1), {}, sequential(new Linear(4, 1)))],
  ['a loss that was not called', () => learning((l) => l.fit(1), { lossFunc: mseLossFlat })],
  ['a loss for other targets', () => learning((l) => l.fit(1), { lossFunc: mseLossFlat() })],
  ['a loss that is no scalar', () => learning((l) => l.fit(1), { lossFunc: (p: tf.Tensor) => tf.square(p) })],
  ['a loss that ignores the model', () => learning((l) => l.fit(1), { lossFunc: () => tf.scalar(1) })],
  [
    'class weights of another number',
    () => learning((l) => l.fit(1), { lossFunc: crossEntropyLossFlat({ weight: [1, 2, 3] }) }),
  ],
  ['an optimizer that was called twice', () => learning((l) => l.fit(1), { optFunc: adam()([], 1) })],
  [
    'a splitter of parameters that returns modules',
    () => learning((l) => l.fit(1), { splitter: (m: Sequential) => [m] }),
  ],
  ['metrics that are no list', () => learning(() => {}, { metrics: accuracy })],
  [
    'a callback without a name',
    () => learning((l) => l.fit(1, 1e-3, { cbs: [{ afterEpoch() {} } as never] })),
  ],
  [
    'an event that does not exist',
    () => learning((l) => l.fit(1, 1e-3, { cbs: [{ name: 'mine', afterEpochs() {} } as never] })),
  ],
  [
    'an asynchronous callback inside a batch',
    () => learning((l) => l.fit(1, 1e-3, { cbs: [{ name: 'mine', afterBatch: async () => {} }] })),
  ],
  [
    'a callback that fails',
    () =>
      learning((l) =>
        l.fit(1, 1e-3, {
          cbs: [
            {
              name: 'mine',
              afterLoss() {
                throw new Error('the disk is full')
              },
            },
          ],
        }),
      ),
  ],
  ['half an epoch', () => learning((l) => l.fit(0.5))],
  ['a learning rate that is text', () => learning((l) => l.fit(1, '1e-3' as never))],
  ['a negative learning rate', () => learning((l) => l.fitOneCycle(1, -1))],
  ['rates for other groups', () => learning((l) => l.fit(1, [1e-3, 1e-4]))],
  ['a slice without an end', () => learning((l) => l.fit(1, lrSlice(undefined as never)))],
  ['a rate far too high', () => learning((l) => l.fit(20, 1e30))],
  [
    'a rate searched for in the wrong direction',
    () => learning((l) => l.lrFind({ startLr: 1, endLr: 1e-3 })),
  ],
  ['a search that is too short', () => learning((l) => l.lrFind({ numIt: 6 }))],
  [
    'batch norm on a batch of one',
    () =>
      learning(
        (l) => l.fit(1),
        {},
        sequential(new Linear(4, 2), new BatchNorm(2, { ndim: 1 })) as never,
      ).then(async () => {
        using learn = new Learner(
          await loaders({}, { bs: 1 }),
          sequential(new Linear(4, 2), new BatchNorm(2, { ndim: 1 })) as never,
          { verbose: false },
        )
        await learn.fit(1)
      }),
  ],
  ['a checkpoint without a folder', () => learning((l) => l.fit(1, 1e-3, { resume: true }))],
  ['an export of a function', () => learning((l) => l.export(join(dir, 'model')))],
  ['an export that is not there', () => loadLearner(join(dir, 'none'))],
  [
    'a learner that was disposed',
    async () => {
      const learn = new Learner(await loaders(), classifier() as never, { verbose: false })
      learn[Symbol.dispose]()
      return learn.fit(1)
    },
  ],
  ['freezing half a group', () => learning((l) => l.freezeTo(0.5))],
  [
    'parameters of a model by name',
    () => learning((l) => l.fit(1), { splitter: (m: { body?: never }) => [params(m.body as never)] }),
  ],
  ['predictions of nothing', () => learning((l) => l.predictBatch([]))],
  ['items to predict that are no list', () => learning((l) => l.dls.testDl(5 as never))],
  [
    'data that was never split',
    async () => {
      const dsets = await datasets(items, [[vector().typeTfms()[0]!], [label]])
      return new DataLoader(dsets as never)
    },
  ],
]

it('there are as many as were promised', () => {
  expect(mistakes.length).toBeGreaterThanOrEqual(60)
})

it.each(mistakes)('%s', async (_, make) => {
  const error = await (async () => make())().then(
    (value) => ({ message: `nothing was said: ${String(value)}` }),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(EspalierError)
  const message = (error as EspalierError).message.replaceAll(dir, '<dir>').replaceAll(photos, '<photos>')
  expect(message.split('\n').length, 'lines').toBeLessThanOrEqual(4)
  expect(message).not.toMatch(/kernel|Cannot read prop|is not a function|tfjs|node_modules/)
  expect(message).toMatchSnapshot()
})
