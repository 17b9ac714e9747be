import type { Callback } from '../src/learner/callback.js'
import { type ToyLearner, type ToyOptions, toyLearner, toyLoaders } from './toy.js'

/** Ends a fit as a kill would, as far as a test can: in the middle of an epoch, without a chance to save. */
function killAt(step: number): Callback {
  return {
    name: 'kill',
    order: 99,
    afterBatch({ learn, training }) {
      if (training && learn.run.step === step) throw new Error('killed')
    },
  }
}

/** Two fits, kept in a folder, that were killed after each of some steps and begun again in a new process. */
export async function runWithCuts(
  dir: string,
  cuts: readonly number[],
  logger: () => Callback,
  options: ToyOptions = {},
): Promise<ToyLearner['recorder']['fits']> {
  for (const step of [...cuts, 0]) {
    using learn = toyLearner(await toyLoaders({ dropLast: false, train: 30, ...options }))
    const kept = { cbs: [logger(), killAt(step)], checkpoint: { dir, everySteps: 1 }, resume: true }
    try {
      await learn.fit(1, 0.01, kept)
      await learn.fitOneCycle(2, 0.05, kept)
      return learn.recorder.fits
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('killed')) throw error
    }
  }
  throw new Error('every run was cut')
}
