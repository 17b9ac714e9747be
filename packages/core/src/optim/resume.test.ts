import { rm } from 'node:fs/promises'
import { beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { fingerprint, type ToyLearner, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import { lamb } from './lamb.js'
import { larc } from './larc.js'
import { lookahead } from './lookahead.js'
import { qhadam } from './qhadam.js'
import { ranger } from './ranger.js'
import { rmsProp } from './rms-prop.js'
import '../node/install.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

const killAt = (step: number): Callback => ({
  name: 'kill',
  order: 99,
  afterBatch({ learn }) {
    if (learn.run.step === step) throw new Error('killed')
  },
})

async function program(learn: ToyLearner, cb: Callback, resume: boolean): Promise<void> {
  const kept = { cbs: [cb], checkpoint: { dir: dir(), everySteps: 1 }, resume }
  await learn.fitFlatCos(2, 0.05, kept)
  await learn.fitSgdr(2, 1, [0.01, 0.02], kept)
}

it.each([
  ['rmsProp', rmsProp({ mom: 0.9 })],
  ['qhadam', qhadam()],
  ['larc', larc()],
  ['lamb', lamb()],
  ['ranger', ranger({ k: 4 })],
  ['lookahead', lookahead(larc({ clip: false }), { k: 2 })],
])('a run with %s that was cut goes on as if nothing had happened', async (_, optFunc) => {
  const learner = async () => toyLearner(await toyLoaders(), { optFunc })
  const left = (learn: ToyLearner) => [fingerprint(learn), learn.recorder.fits.map((f) => [f.losses, f.hps])]
  await rm(dir(), { recursive: true, force: true })
  using whole = await learner()
  await program(whole, killAt(-1), false)
  expect(whole.run.step).toBe(15)
  for (const step of [5, 11]) {
    await rm(dir(), { recursive: true, force: true })
    {
      using cut = await learner()
      await expect(program(cut, killAt(step), true)).rejects.toThrow('killed')
    }
    using again = await learner()
    await program(again, killAt(-1), true)
    expect(left(again)).toEqual(left(whole))
  }
})
