import { readdir } from 'node:fs/promises'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { type ToyLearner, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { Arena } from './arena.js'
import { capture } from './capture.js'
import { generationsOf } from './generation.js'
import { type Packed, pack } from './pack.js'
import { readGeneration } from './read-generation.js'
import { writeGeneration } from './write-generation.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()
afterEach(() => {
  setPlatform(nodePlatform)
})

const place = (step: number) => ({
  fit: 0,
  done: false,
  position: { epoch: 0, phase: 'train' as const, iter: step, next: 0, trainIter: step, pctTrain: 0 },
  identity: {},
  allowed: [],
})

/** The state of a learner as bytes. */
function packed(learn: ToyLearner): Packed {
  using state = capture(learn, place(learn.run.step))
  return pack(state, new Arena())
}

it('many writers at once leave whole states, and nothing else', async () => {
  using learn = toyLearner(await toyLoaders())
  await nodePlatform.mkdir(dir())
  for (let round = 0; round < 4; round++) {
    const states = Array.from({ length: 10 }, (_, i) => {
      learn.run.step = round * 10 + i
      return packed(learn)
    })
    const twice = [...states, ...states] // The same state from two writers, too.
    await Promise.all(twice.map((s) => writeGeneration(dir(), s)))
  }
  const names = await readdir(dir())
  expect(generationsOf(names)).toHaveLength(40)
  expect(names).toHaveLength(40)
  for (const name of names) expect((await readGeneration(dir(), name)).file.fit).toBe(0)
})

it('a failing file system leaves what was there, at whichever call it fails', async () => {
  using learn = toyLearner(await toyLoaders())
  await nodePlatform.mkdir(dir())
  const state = packed(learn)
  const first = await writeGeneration(dir(), state)
  learn.run.step = 2
  const next = packed(learn)
  let survived = 0
  for (let n = 1; survived === 0; n++) {
    let calls = 0
    const failing = Object.fromEntries(
      (['mkdir', 'writePieces', 'rename', 'exists'] as const).map((call) => [
        call,
        async (...args: readonly never[]) => {
          if (++calls === n) throw new Error(`${call} failed`)
          return (nodePlatform[call] as (...a: readonly never[]) => Promise<unknown>)(...args)
        },
      ]),
    )
    setPlatform({ ...nodePlatform, ...failing })
    const outcome = await writeGeneration(dir(), next).then(
      () => 'written',
      (error: Error) => error.message,
    )
    setPlatform(nodePlatform)
    if (outcome === 'written') survived = n
    else expect(await readdir(dir())).toEqual([first])
    expect((await readGeneration(dir(), first)).file.run.step).toBe(0)
  }
  expect(survived).toBeGreaterThan(5)
})
