import { rm } from 'node:fs/promises'
import { beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { fingerprint, type ToyLearner, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import type { FitRecord } from '../learner/fit-record.js'
import { accuracy } from '../metrics/accuracy.js'
import '../node/install.js'
import { earlyStopping } from './early-stopping.js'
import { emaWeights } from './ema-weights.js'
import { gradientAccumulation } from './gradient-accumulation.js'
import { gradientClip } from './gradient-clip.js'
import { mcDropout } from './mc-dropout.js'
import { mixUp } from './mix-up.js'
import { reduceLROnPlateau } from './reduce-lr-on-plateau.js'
import { saveModel } from './save-model.js'
import { shortEpoch } from './short-epoch.js'
import { terminateOnNaN } from './terminate-on-nan.js'
import { type Tracker, trackerCallback } from './tracker-callback.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

/** Ends a fit as a kill would, as far as a test can. */
const killAt = (step: number): Callback => ({
  name: 'kill',
  order: -99,
  afterBatch({ learn, training }) {
    if (training && learn.run.step === step) throw new Error('killed')
  },
})

const numbers = ({ columns, losses, rawLosses, lrs, moms, hps, iters, values, seconds }: FitRecord) => [
  [columns, losses, rawLosses, lrs, moms, hps, iters, values],
  seconds.length,
]

type Case = readonly [name: string, cbs: () => readonly Callback[], trainMetrics?: boolean]
const cases: readonly Case[] = [
  ['nothing', () => []],
  ['training metrics', () => [], true],
  ['early stopping', () => [earlyStopping({ monitor: 'train_loss', comp: 'greater', patience: 2 })]],
  ['plateaus', () => [reduceLROnPlateau({ monitor: 'accuracy', minDelta: 0.3, patience: 2 })]],
  ['a tracker', () => [trackerCallback({ monitor: 'valid_loss', resetOnFit: false })]],
  ['the best model', () => [saveModel({ monitor: 'train_loss', comp: 'greater', fname: `${dir()}-best` })]],
  ['accumulated gradients', () => [gradientAccumulation(20), gradientClip(0.1)]],
  ['averages', () => [emaWeights({ decay: 0.7 })]],
  [
    'averages that are not kept',
    () => [emaWeights({ decay: 0.7, final: 'trained' }), saveModel({ fname: `${dir()}-best` })],
  ],
  ['short epochs', () => [shortEpoch(0.4, { shortValid: false })]],
  ['mixing', () => [mixUp(), terminateOnNaN()]],
  ['dropout in validation', () => [mcDropout()]],
]

const filled = cases.map(([name, cbs, trainMetrics = false]) => [name, cbs, trainMetrics] as const)

it.each(filled)('a fit with %s goes on as if nothing had happened', async (_, cbs, trainMetrics) => {
  const run = async (last: Callback, resume: boolean) => {
    const made = cbs()
    const dls = await toyLoaders({ train: 30, valid: 12, dropLast: false })
    using learn: ToyLearner = toyLearner(dls, { metrics: [accuracy], cbs: [...made, last] })
    learn.recorder.trainMetrics = trainMetrics
    await learn.fit(4, 0.05, { checkpoint: { dir: dir(), everySteps: 1 }, resume })
    await learn.fit(1, 0.05, { checkpoint: { dir: dir(), everySteps: 1 }, resume })
    const { step } = learn.run
    const { fits } = learn.recorder
    const bests = made.flatMap((cb) => ('best' in cb ? [(cb as Tracker).best] : []))
    return {
      step,
      state: fingerprint(learn),
      fits: fits.map(numbers),
      bests,
    }
  }
  const fresh = async () => {
    await rm(dir(), { recursive: true, force: true })
    await rm(`${dir()}-best.safetensors`, { force: true })
  }
  const whole = await run({ name: 'kill', order: -99 }, false)
  for (const step of [2, 7, 13]) {
    await fresh()
    await expect(run(killAt(step), true)).rejects.toThrow('killed')
    expect(await run({ name: 'kill', order: -99 }, true)).toEqual(whole)
  }
  await fresh()
})
