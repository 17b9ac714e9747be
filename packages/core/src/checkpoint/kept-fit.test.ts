import { rm, writeFile } from 'node:fs/promises'
import type { Json } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { fingerprint, type ToyLearner, type ToyOptions, toyLearner, toyLoaders } from '../../test/toy.js'
import { setNativeEngine, useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import type { FitOptions, LearnerOptions } from '../learner/learner-options.js'
import { Recorder } from '../learner/recorder.js'
import { bceWithLogitsLossFlat } from '../losses/bce-with-logits.js'
import { accuracy } from '../metrics/accuracy.js'
import type { Metric } from '../metrics/metric.js'
import type { Module } from '../nn/module.js'
import { sgd } from '../optim/alias.js'
import { platform, setPlatform } from '../platform.js'
import '../node/install.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

/** Ends a fit as a kill would, as far as a test can: the loop is left at once, in the middle of an epoch. */
const killAt = (step: number): Callback => ({
  name: 'kill',
  order: 99,
  afterBatch({ learn }) {
    if (learn.run.step === step) throw new Error('killed')
  },
})
const spared: Callback = { name: 'kill', order: 99 }

/** A callback that says what it is told, of which a fit may have several. */
const halving = (by: number): Callback => ({ name: 'halving', describeRun: () => ({ by }) })

async function learner(
  options: ToyOptions = {},
  more: LearnerOptions<Module<never[], unknown> & never> = {},
): Promise<ToyLearner> {
  const dls = await toyLoaders({ dropLast: false, train: 30, ...options })
  return toyLearner(dls, { metrics: [accuracy], ...(more as object) })
}

/** What a run leaves behind: all of its state, and what was written down of it but for the times. */
const left = (learn: ToyLearner) => [
  fingerprint(learn),
  learn.recorder.fits.map(({ losses, rawLosses, lrs, moms, iters, values, seconds }) => [
    losses,
    rawLosses,
    lrs,
    moms,
    iters,
    values,
    seconds.length,
  ]),
]

async function program(learn: ToyLearner, cbs: readonly Callback[], resume: boolean): Promise<void> {
  const kept = { cbs, checkpoint: { dir: dir(), everySteps: 1 }, resume }
  await learn.fitOneCycle(2, 0.05, kept)
  learn.freeze()
  await learn.fit(1, 0.01, kept)
  learn.unfreeze()
  await learn.fineTune(2, 0.02, kept)
}

it('goes on from anywhere as if nothing had happened', async () => {
  using whole = await learner()
  await program(whole, [spared], false)
  const steps = whole.run.step
  expect(steps).toBe(24)
  for (let step = 1; step <= steps; step += 3) {
    await rm(dir(), { recursive: true, force: true })
    {
      using cut = await learner()
      await expect(program(cut, [killAt(step)], true)).rejects.toThrow('killed')
    }
    using again = await learner()
    await program(again, [spared], true)
    expect(left(again)).toEqual(left(whole))
  }
})

it('passes over what is done, and does not mix runs', async () => {
  const fit = (learn: ToyLearner, resume: boolean) =>
    learn.fit(1, 0.01, { checkpoint: { dir: dir() }, resume })
  using first = await learner()
  await fit(first, false)
  using second = await learner()
  await expect(fit(second, false)).rejects.toThrow(
    /holds a run already: fit-0000-end-\w{8}\n {2}→ say resume: true to go on with it/,
  )
  await fit(second, true)
  expect(left(second)).toEqual(left(first))
  await fit(second, false)
  expect(second.run.fit).toBe(2)
})

it.each<[field: string, options: ToyOptions, more: LearnerOptions<never>, change: string]>([
  ['train', { train: 31 }, {}, 'train: 30 items, '],
  ['bs', { bs: 4 }, {}, 'bs: [8,8] → [4,4]'],
  ['seed', { seed: 43 }, {}, 'seed: 42 → 43'],
  ['optimizer', {}, { optFunc: sgd() }, 'optimizer: weightDecay → averageGrad(dampened)'],
  ['loss', {}, { lossFunc: bceWithLogitsLossFlat() }, 'loss: '],
  ['callbacks', {}, { cbs: [{ name: 'mine' }] }, 'callbacks: '],
])('refuses a run whose %s was changed, and says how', async (field, options, more, change) => {
  const fit = (learn: ToyLearner, cbs: readonly Callback[], resume: object | boolean) =>
    learn.fit(1, 0.01, { cbs, checkpoint: { dir: dir(), everySteps: 1 }, resume: resume as boolean })
  {
    using cut = await learner()
    await expect(fit(cut, [killAt(2)], false)).rejects.toThrow('killed')
  }
  using other = await learner(options, more)
  const refused = await fit(other, [spared], true).catch((error: Error) => error.message)
  expect(refused).toContain('cannot go on as it was begun')
  expect(refused).toContain(change)
  expect(refused).toContain(`'${field}'`)
})

it.each<[field: string, was: FitOptions, now: FitOptions, frozen: boolean, change: string]>([
  ['startEpoch', { startEpoch: 1 }, { startEpoch: 2 }, false, 'options.skipToEpoch.first: 1 → 2'],
  [
    'the first of two',
    { cbs: [halving(2), halving(4)] },
    { cbs: [halving(3), halving(4)] },
    false,
    'by: 2 → 3',
  ],
  ['what is frozen', {}, {}, true, 'frozen: 0 → 1'],
])('refuses a fit of which %s was changed', async (_, was, now, frozen, change) => {
  const kept = (options: FitOptions, kill: Callback) => ({
    ...options,
    cbs: [...(options.cbs ?? []), kill],
    checkpoint: { dir: dir(), everySteps: 1 },
    resume: true,
  })
  {
    using cut = await learner()
    await expect(cut.fit(3, 0.01, kept(was, killAt(2)))).rejects.toThrow('killed')
  }
  using other = await learner()
  if (frozen) other.freeze()
  await expect(other.fit(3, 0.01, kept(now, spared))).rejects.toThrow(change)
})

it('refuses to go on with another engine, or with as many threads as another machine has', async () => {
  const fit = async (threads: number, cb: Callback) => {
    setNativeEngine(async () => ({ activate: async () => ({ backend: 'cpu', version: 'test', threads }) }))
    await useEngine('native')
    try {
      using learn = await learner()
      await learn.fit(1, 0.01, { cbs: [cb], checkpoint: { dir: dir(), everySteps: 1 }, resume: true })
    } finally {
      await useEngine('cpu')
    }
  }
  await expect(fit(2, killAt(2))).rejects.toThrow('killed')
  await expect(fit(4, spared)).rejects.toThrow(
    'engine: native (test, 2 threads) → native (test, 4 threads)\n',
  )
  await fit(2, spared)
})

it('goes on where a change is allowed, and keeps that in mind', async () => {
  const fit = (learn: ToyLearner, cbs: readonly Callback[], allow: readonly string[]) =>
    learn.fit(1, 0.01, { cbs, checkpoint: { dir: dir(), everySteps: 1 }, resume: { allow } })
  {
    using cut = await learner()
    await expect(fit(cut, [killAt(2)], [])).rejects.toThrow('killed')
  }
  using other = await learner({ valid: 4, train: 30 })
  const { saveState, loadState } = { saveState: () => ({ data: 1 }), loadState: () => {} }
  const added: Callback = { name: 'a logger', order: -50, saveState, loadState }
  await fit(other, [spared, added], ['valid', 'train', 'callbacks'])
  expect(other.run.step).toBe(4)
  expect(other.recorder.rawLosses).toHaveLength(4)
})

it('says what a disk refuses, goes on, and throws at the end of the fit', async () => {
  const told: string[] = []
  const real = platform()
  setPlatform({
    ...real,
    write: (text) => void told.push(text),
    writePieces: () => Promise.reject(new Error('ENOSPC: no space left on device')),
  })
  try {
    using learn = await learner()
    await expect(learn.fit(1, 0.01, { checkpoint: { dir: dir(), everySteps: 1 } })).rejects.toThrow('ENOSPC')
    expect(learn.run.step).toBe(4)
    expect(told[0]).toBe('checkpoint not written: ENOSPC: no space left on device\n')
    expect(await real.listDir(dir())).toEqual([])
  } finally {
    setPlatform(real)
  }
})

it('goes on training where the claim to the folder cannot be looked at for a moment', async () => {
  const told: string[] = []
  const real = platform()
  let looks = 0
  setPlatform({
    ...real,
    write: (text) => void told.push(text),
    async readFile(path) {
      if (path.endsWith('lock.json') && ++looks === 1) throw new Error('EMFILE: too many open files')
      return real.readFile(path)
    },
  })
  try {
    using learn = await learner()
    await learn.fit(6, 0.01, { checkpoint: { dir: dir(), everySteps: 1 } })
    expect(learn.run.step).toBe(24)
    expect(told).toEqual(['checkpoint not written: EMFILE: too many open files\n'])
  } finally {
    setPlatform(real)
  }
})

it('ends well where states that are no longer needed cannot be removed', async () => {
  const told: string[] = []
  const real = platform()
  const removeTree = (path: string) =>
    path.includes('/fit-') ? Promise.reject(new Error('EBUSY: it is in use')) : real.removeTree(path)
  setPlatform({ ...real, removeTree, write: (text) => void told.push(text) })
  try {
    using learn = await learner()
    await learn.fit(2, 0.01, { checkpoint: { dir: dir(), everySteps: 1 } })
    expect(told.at(-1)).toBe('states that are no longer needed were not removed: EBUSY: it is in use\n')
  } finally {
    setPlatform(real)
  }
})

it('says where a folder is none that can be used', async () => {
  using learn = await learner()
  await writeFile(dir(), 'a file')
  await expect(learn.fit(1, 0.01, { checkpoint: { dir: dir() } })).rejects.toThrow(
    /no run can be kept in '.*run': cannot make the folder '.*run': EEXIST.*\n {2}→ name a folder that can/,
  )
})

it('refuses what cannot be saved before it trains, and holds nothing of what fails on the way', async () => {
  using learn = await learner()
  const fit = (cb: Callback) => learn.fit(2, 0.01, { cbs: [cb], checkpoint: { dir: dir(), everySteps: 1 } })
  const saved = (data: Json) => ({ name: 'mine', saveState: () => ({ data }), loadState: () => {} })
  await expect(fit({ name: 'mine', saveState: () => ({}) })).rejects.toThrow(
    "callback 'mine' has saveState but no loadState",
  )
  const broken = {
    ...saved(0),
    saveState: () => {
      throw new Error('broken')
    },
  }
  await expect(fit(broken)).rejects.toThrow('broken')
  await expect(fit(saved({ best: [1, Number.POSITIVE_INFINITY] }))).rejects.toThrow(
    "saveState of callback 'mine' gives Infinity as data.best.1, which JSON cannot hold",
  )
  const { step } = learn.run
  const metric: Metric = { name: 'own', reset() {}, accumulate() {}, value: () => 0 }
  learn.recorder = new Recorder([metric], { trainMetrics: true })
  await expect(fit(saved(0))).rejects.toThrow("the metric 'own' cannot be saved in the middle of an epoch")
  expect(learn.run.step).toBe(step)
  expect(await platform().listDir(dir())).toEqual([])
})

it('refuses options that make no sense', async () => {
  using learn = await learner()
  const fit = (options: object) => learn.fit(1, 0.01, options)
  await expect(fit({ resume: true })).rejects.toThrow('resume needs the folder of the run')
  await expect(fit({ checkpoint: 'run' })).rejects.toThrow(
    `checkpoint needs the path of a folder, got string "run"\n  → say checkpoint: { dir: 'run' }`,
  )
  await expect(fit({ checkpoint: { dir: 'run', everyStep: 100 } })).rejects.toThrow(
    "checkpoint has no option 'everyStep'\n  → did you mean everySteps?",
  )
  for (const resume of ['run', {}, { allow: 'train' }, null]) {
    await expect(fit({ checkpoint: { dir: 'run' }, resume })).rejects.toThrow(
      'resume must be true, false, or say what may have changed, got',
    )
  }
  await expect(fit({ checkpoint: { dir: 'run', everySteps: 0 } })).rejects.toThrow(
    'everySteps must be a whole number from 1, got 0',
  )
})
