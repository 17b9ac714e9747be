import { readFile } from 'node:fs/promises'
import { type AnyModule, type Learner, loadStateDict, readWeights } from '@espalier/core'
import { summarizeSteps } from '../statistics.js'
import { StepTimer } from './step-timer.js'
import type { Found } from './work.js'

/** What an epoch of learning is told. */
export interface LearnedOptions {
  /** The folder of the data that the peers read. */
  readonly data: string
  readonly seed: number
  /** Weights to begin with, as torch saves them. */
  readonly weights?: string
}

/** One epoch of one-cycle: its steps, and how good what it learned is. */
export async function learnOnce(
  learn: Learner,
  { weights }: LearnedOptions,
  perStep: number,
): Promise<Found & { readonly loss: number; readonly accuracy: number }> {
  if (weights) loadStateDict(learn.model as AnyModule, readWeights(await readFile(weights)))
  const timer = new StepTimer()
  const began = performance.now()
  await learn.fitOneCycle(1, 1e-3, { cbs: [timer] })
  const [, loss = Number.NaN, accuracy = Number.NaN] = learn.recorder.values.at(-1) ?? []
  return {
    ...summarizeSteps(timer.steps, 1, perStep),
    items: 'images',
    first_step_s: timer.first,
    epoch_s: (performance.now() - began) / 1000,
    loss,
    accuracy,
  }
}
