import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { fingerprint, type ToyLearner, type ToyOptions, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import type { LearnerOptions } from '../learner/learner.js'
import { accuracy } from '../metrics/accuracy.js'
import '../node/install.js'

let dir: string

beforeAll(async () => {
  await useEngine('cpu')
})
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'espalier-run-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const checkpoint = () => ({ dir: `${dir}/run`, everySteps: 1 })

/** Ends the process, as far as a test can: nothing of the fit's own is run any more. */
const killAt = (step: number): Callback => ({
  name: 'kill',
  order: 99,
  describeRun: () => 'kill',
  afterBatch({ learn }) {
    if (learn.run.step === step) throw new Error('killed')
  },
})
const spared = (): Callback => ({ name: 'kill', order: 99, describeRun: () => 'kill' })

async function learner(options: ToyOptions = {}, more: LearnerOptions<never> = {}): Promise<ToyLearner> {
  return toyLearner(await toyLoaders({ dropLast: false, train: 30, ...options }), {
    metrics: [accuracy],
    ...(more as object),
  })
}

/** What a run leaves behind: all of its state, and what was written down of it. */
const left = (learn: ToyLearner) => [
  fingerprint(learn),
  learn.recorder.fits.map((f) => ({ ...f, seconds: f.seconds.length })),
]

async function program(learn: ToyLearner, cbs: readonly Callback[], resume: boolean): Promise<void> {
  const kept = { cbs, checkpoint: checkpoint(), resume }
  await learn.fitOneCycle(2, 0.05, kept)
  learn.freeze()
  await learn.fit(1, 0.01, kept)
  learn.unfreeze()
  await learn.fineTune(2, 0.02, kept)
}

it('goes on from anywhere as if nothing had happened', async () => {
  using whole = await learner()
  await program(whole, [spared()], false)
  const steps = whole.run.step
  expect(steps).toBe(24)
  for (let step = 1; step <= steps; step += 3) {
    await rm(`${dir}/run`, { recursive: true, force: true })
    {
      using cut = await learner()
      await expect(program(cut, [killAt(step)], true)).rejects.toThrow('killed')
    }
    using again = await learner()
    await program(again, [spared()], true)
    expect(left(again)).toEqual(left(whole))
  }
})
