import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Callback, type Learner, useEngine, weightsDigest } from '@espalier/core'
import { type DataLoader, Random } from '@espalier/data'
import {
  getImageFiles,
  ImageDataLoaders,
  loadLearner,
  mobilenetV2,
  randomResizedCrop,
  resize,
  visionLearner,
} from '@espalier/vision'
import { type Kind, kinds, makers } from '../chaos/programs.js'
import { grown, held } from './memory.js'

/** What a trial found: nothing where all is well. */
export type Problem = string | undefined

/** A trial by name. */
export interface Trial {
  readonly name: string
  run(): Promise<Problem>
}

const photos = fileURLToPath(new URL('../../apps/demo/data/pets/images', import.meta.url))
const bySize = (n: number, share: number) => Math.max(1, Math.round(n * share))

/** M2: training steps of every kind of learner leave nothing behind. */
export function steps(share: number): Trial[] {
  return kinds.map((kind) => ({
    name: `M2 ${bySize(5000, share)} steps, ${kind}`,
    async run() {
      using learn = await makers[kind]()
      const perEpoch = learn.dls.train.length
      await learn.fit(Math.ceil(200 / perEpoch), 1e-3)
      const before = await held()
      const epochs = Math.ceil(bySize(5000, share) / perEpoch)
      await learn.fit(epochs, 1e-4)
      return grown(before, await held())
    },
  }))
}

const events = [
  'beforeFit',
  'beforeEpoch',
  'beforeTrain',
  'beforeBatch',
  'afterPred',
  'afterLoss',
  'beforeBackward',
  'afterBackward',
  'beforeStep',
  'afterStep',
  'afterBatch',
  'beforeValidate',
  'afterValidate',
  'afterEpoch',
] as const

/** M3: whatever throws in the middle, everything is given back, and the next fit works. */
export function throws(share: number): Trial[] {
  return kinds.map((kind, k) => ({
    name: `M3 ${bySize(500 / 3, share)} throws, ${kind}`,
    async run() {
      using learn = await makers[kind]()
      await learn.fit(1, 1e-4)
      const before = await held()
      const random = new Random(7, 'throws', k)
      for (let i = 0; i < bySize(500 / 3, share); i++) {
        const event = events[random.int(events.length)]!
        let left = random.int(6)
        const late: Callback = {
          name: 'late',
          [event]: () => {
            if (left-- === 0) throw new Error('thrown on purpose')
          },
        }
        const outcome = await learn.fit(1, 1e-4, { cbs: [late] }).then(
          () => undefined,
          (error: Error) =>
            /late.*failed in .*thrown on purpose/.test(error.message) ? undefined : error.message,
        )
        if (outcome) return `${event}: ${outcome}`
      }
      await learn.fit(1, 1e-4)
      return grown(before, await held())
    },
  }))
}

/** M4: learners made, exported, loaded and disposed. */
export function lives(share: number): Trial[] {
  const n = bySize(200, share)
  return [
    {
      name: `M4 ${n} learners made, exported, loaded`,
      async run() {
        const dir = join(tmpdir(), `espalier-soak-${process.pid}`)
        const files = (await getImageFiles(photos)).slice(0, 12)
        const dls = await ImageDataLoaders.fromNameRe(files, /^(.+)_\d+\.jpg$/, {
          bs: 2,
          itemTfms: [resize(32)],
        })
        const life = async () => {
          using learn = await visionLearner(dls, mobilenetV2, { pretrained: false, verbose: false })
          await learn.export(dir)
          using again = await loadLearner(dir)
          await again.predict(files[0])
        }
        try {
          for (let i = 0; i < 3; i++) await life()
          const before = await held()
          for (let i = 0; i < n; i++) await life()
          return grown(before, await held(), { rss: 48 })
        } finally {
          rmSync(dir, { recursive: true, force: true })
        }
      },
    },
    {
      name: `M4 ${bySize(1000, share)} searches for a rate`,
      async run() {
        using learn = await makers.tabular()
        const search = { numIt: 12, suggest: {}, stopDiv: false }
        for (let i = 0; i < 20; i++) await learn.lrFind(search)
        const [before, weights] = [await held(), await weightsDigest(learn.model)]
        for (let i = 0; i < bySize(1000, share); i++) await learn.lrFind(search)
        const same = (await weightsDigest(learn.model)) === weights
        return same ? grown(before, await held()) : 'the weights are others than before'
      },
    },
  ]
}

/** M5: pictures decoded through the loader. */
export function decodes(share: number): Trial[] {
  const n = bySize(20_000, share)
  return [
    {
      name: `M5 ${n} pictures decoded`,
      async run() {
        const files = await getImageFiles(photos)
        const { train } = await ImageDataLoaders.fromNameRe(files, /^(.+)_\d+\.jpg$/, {
          bs: 16,
          itemTfms: [randomResizedCrop(64)],
        })
        let seen = 0
        const walk = async (until: number) => {
          for (let epoch = 0; seen < until; epoch++) {
            for await (const batch of (train as DataLoader).batches(epoch)) seen += batch.indices.length
          }
        }
        await walk(n / 10)
        const before = await held()
        await walk(n)
        return grown(before, await held())
      },
    },
  ]
}

/** N5: one seed, one sha256 of the weights, whatever else was done in between. */
export function determinism(): Trial[] {
  const train = async (
    kind: Kind,
    between: (learn: Learner) => Promise<unknown>,
    workers?: number,
  ): Promise<string> => {
    using learn = await makers[kind](workers)
    await between(learn)
    await learn.fitOneCycle(1, 3e-3)
    await between(learn)
    await learn.fitOneCycle(2, 3e-3)
    return weightsDigest(learn.model)
  }
  const ways: Readonly<Record<string, (learn: Learner) => Promise<unknown>>> = {
    again: async () => {},
    'once more': async () => {},
    'with a search for a rate': (learn) => learn.lrFind({ numIt: 20, suggest: {}, stopDiv: false }),
    'with a validation': (learn) => learn.validate(),
    'with a batch looked at': (learn) => learn.dls.oneBatch(),
    'with predictions': (learn) => learn.getPreds(),
  }
  const workers = [0, 1, 2, 4].map((n) => ({
    name: `N5 image with ${n} loader workers`,
    async run() {
      const [want, got] = [await train('image', async () => {}), await train('image', async () => {}, n)]
      return got === want ? undefined : `${got.slice(0, 12)} instead of ${want.slice(0, 12)}`
    },
  }))
  const others = kinds.flatMap((kind) => {
    let first: Promise<string> | undefined
    return Object.entries(ways).map(([way, between]) => ({
      name: `N5 ${kind} ${way}`,
      async run() {
        first ??= train(kind, async () => {})
        const [want, got] = [await first, await train(kind, between)]
        return got === want ? undefined : `${got.slice(0, 12)} instead of ${want.slice(0, 12)}`
      },
    }))
  })
  return [...others, ...workers]
}

await useEngine()
