import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import { nodePlatform } from '../node/platform.js'
import { type EndSignal, type Platform, setPlatform } from '../platform.js'
import { generationsOf } from './generation.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()
const handlers = new Set<(signal: EndSignal) => void>()
let ended: { readonly code: number; readonly states: readonly (readonly string[])[] }[] = []
let told: string[] = []

beforeEach(() => {
  ended = []
  told = []
})
afterEach(() => {
  setPlatform(nodePlatform)
  expect(handlers.size).toBe(0)
})

/** Installs a process that cannot end: it notes which states the folders had when it was to. */
function watch(dirs: readonly string[], more: Partial<Platform> = {}): void {
  setPlatform({
    ...nodePlatform,
    ...more,
    write: (text) => void told.push(text),
    process: {
      ...nodePlatform.process!,
      onSignal(handler) {
        handlers.add(handler)
        return () => handlers.delete(handler)
      },
      exit(code) {
        ended.push({ code, states: dirs.map((d) => generationsOf(readdirSync(d)).map((g) => g.name)) })
        throw new Error('it would be over')
      },
    },
  })
}

function send(signal: EndSignal): void {
  for (const handler of handlers) handler(signal)
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the process, whatever fails meanwhile', async (signal, code) => {
  watch([dir()])
  const asked: Callback = { name: 'asked', afterStep: () => send(signal) }
  const broken: Callback = { ...asked, saveState: () => ({ data: Number.NaN }), loadState: () => {} }
  for (const cb of [asked, broken]) {
    using learn = toyLearner(await toyLoaders())
    const fit = learn.fit(1, 0.01, { cbs: [cb], checkpoint: { dir: dir() } })
    await expect(fit).rejects.toThrow('it would be over')
    expect(learn.run.step).toBe(1)
    await rm(dir(), { recursive: true })
  }
  expect(ended).toEqual([
    { code, states: [[expect.stringMatching('^fit-0000-step-000000001')]] },
    { code, states: [[]] },
  ])
  expect(told).toEqual([
    expect.stringMatching(`^${signal}: no state was written: saveState of callback 'asked'`),
  ])
})

it('a signal ends the process when all learners have written their state', async () => {
  const dirs = [`${dir()}/a`, `${dir()}/b`] as const
  watch(dirs, {
    async writePieces(path, pieces) {
      if (path.includes('/b/')) await sleep(50)
      await nodePlatform.writePieces(path, pieces)
    },
  })
  using a = toyLearner(await toyLoaders())
  using b = toyLearner(await toyLoaders())
  const asked: Callback = { name: 'asked', beforeEpoch: (s) => (s.epoch === 2 ? send('SIGINT') : undefined) }
  const outcomes = await Promise.allSettled([
    a.fit(20, 0.01, { cbs: [asked], checkpoint: { dir: dirs[0], everySteps: 99 } }),
    b.fit(20, 0.01, { checkpoint: { dir: dirs[1], everySteps: 99 } }),
  ])
  expect(outcomes.map((o) => o.status)).toEqual(['rejected', 'rejected'])
  expect(ended[0]?.states.map((s) => s.length)).toEqual([1, 1])
  expect(ended.map((e) => e.code)).toEqual([130, 130])
})
