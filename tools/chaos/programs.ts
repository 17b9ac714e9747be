import { fileURLToPath } from 'node:url'
import {
  accuracy,
  crossEntropyFlat,
  Learner,
  mseLossFlat,
  params,
  setNativeEngine,
  steep,
  useEngine,
  withSeed,
} from '@espalier/core'
import { categoryBlock, dataBlock, indexSplitter, ndArray, Random } from '@espalier/data'
import { augTransforms, getImageFiles, ImageDataLoaders, randomResizedCrop } from '@espalier/vision'
import { Columns, Recurrent, SmallNet } from './models.js'

setNativeEngine(() => import('@espalier/tensorflow'))

/** The kinds of learners that are cut and go on. */
export const kinds = ['image', 'text', 'tabular'] as const
/** One of them. */
export type Kind = (typeof kinds)[number]

const photos = fileURLToPath(new URL('../../apps/demo/data/pets/images', import.meta.url))

/** Makes a learner of a kind, the same every time. */
export const makers: Readonly<Record<Kind, (workers?: number) => Promise<Learner>>> = {
  /** Photos of two breeds, cropped and augmented at random, batch norm and dropout. */
  async image(workers) {
    const files = (await getImageFiles(photos)).filter((f) => /(pug|Sphynx)_\d+\.jpg$/.test(f))
    const dls = await ImageDataLoaders.fromNameRe(files, /^(.+)_\d+\.jpg$/, {
      bs: 4,
      ...(workers !== undefined && { workers }),
      itemTfms: [randomResizedCrop(32)],
      batchTfms: augTransforms({ size: 32 }),
    })
    const model = withSeed(10, () => new SmallNet(dls.c))
    return new Learner(dls, model, {
      metrics: [accuracy],
      splitter: (m) => [[...params(m.first), ...params(m.second)], params(m.out)],
      verbose: false,
    }) as unknown as Learner
  },

  /** Sequences through a recurrent network that carries its state from batch to batch. */
  async text() {
    const items = Array.from({ length: 120 }, (_, i) => i)
    const tokens = (i: number) => {
      const random = new Random(3, 'tokens', i)
      return Int32Array.from({ length: 10 }, () => random.int(20))
    }
    const sequence = {
      name: 'sequence',
      typeTfms: () => [{ name: 'tokens', encode: (i: number) => ndArray('int32', [10], tokens(i)) }],
    }
    const dls = await dataBlock({
      blocks: [sequence, categoryBlock({ vocab: ['few', 'many'] })],
      getY: (i: number) => (tokens(i).reduce((a, b) => a + b, 0) > 95 ? 'many' : 'few'),
      splitter: indexSplitter(items.filter((i) => i % 5 === 0)),
    }).dataLoaders(items, { bs: 8 })
    const model = withSeed(11, () => new Recurrent(20, 16, 2))
    return new Learner(dls, model, {
      lossFunc: crossEntropyFlat,
      metrics: [accuracy],
      splitter: (m) => [params(m.embedding), [...params(m.gates), ...params(m.out)]],
      verbose: false,
    }) as unknown as Learner
  },

  /** Two codes and a few numbers per row, a number to predict. */
  async tabular() {
    const rows = Array.from({ length: 300 }, (_, i) => i)
    const row = (i: number) => {
      const random = new Random(4, 'row', i)
      return { codes: [random.int(9), random.int(5)], numbers: [0, 1, 2].map(() => random.normal()) }
    }
    const block = (name: string, encode: (i: number) => ReturnType<typeof ndArray>) => ({
      name,
      typeTfms: () => [{ name, encode }],
    })
    const dls = await dataBlock({
      blocks: [
        block('codes', (i: number) => ndArray('int32', [2], row(i).codes)),
        block('numbers', (i: number) => ndArray('float32', [3], row(i).numbers)),
        block('target', (i: number) => {
          const { codes, numbers } = row(i)
          return ndArray('float32', [], [codes[0]! / 9 + numbers[0]! * numbers[1]!])
        }),
      ],
      getters: [(i: number) => i, (i: number) => i, (i: number) => i] as never,
      splitter: indexSplitter(rows.filter((i) => i % 4 === 0)),
    }).dataLoaders(rows, { bs: 16 })
    const model = withSeed(12, () => new Columns(9, 5, 3))
    return new Learner(dls as never, model, { lossFunc: mseLossFlat(), verbose: false }) as unknown as Learner
  },
}

/** How many epochs make a run of a second. */
const epochs: Readonly<Record<Kind, number>> = { image: 3, text: 4, tabular: 12 }

const search = { numIt: 20, startLr: 1e-5, endLr: 1e-1, stopDiv: false }

/** A whole run, begun anew or gone on with: a search for a rate, a frozen phase and a thawed one. */
export async function train(kind: Kind, dir: string, step = (_: string) => {}): Promise<Learner> {
  await useEngine()
  const learn = await makers[kind]()
  const kept = { checkpoint: { dir, everySteps: 2 }, resume: true }
  const heard = {
    name: 'heard',
    beforeValidate: () => step('validate'),
    beforeTrain: () => step('train'),
  }
  step('lrFind')
  const { steep: rate } = await learn.lrFind({ ...search, suggest: { steep } })
  learn.freeze()
  await learn.fitOneCycle(1, Math.min(rate, 1e-2), { ...kept, cbs: [heard] })
  learn.unfreeze()
  step('lrFind')
  await learn.lrFind(search)
  await learn.fitOneCycle(epochs[kind], 3e-3, { ...kept, cbs: [heard] })
  return learn
}
