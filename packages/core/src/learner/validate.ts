import { type DataLoader, EspalierError } from '@espalier/data'
import { holdModes } from '../nn/hold-modes.js'
import type { Callback } from './callback.js'
import { checkCallbacks } from './check-learner.js'
import { part } from './emit.js'
import type { Learner } from './learner.js'
import { type LoopVariables, runBatches } from './loop.js'
import { Recorder } from './recorder.js'
import { asOptions, loaderOf, type WhichItems } from './which-items.js'

/** Loss and metrics over a loader, by the names of the table's columns. */
export type Measured = Readonly<Record<string, number | undefined>>

/** What `validate` walks, and who hears its events. */
export interface ValidateOptions extends WhichItems {
  /** Callbacks for this validation only. */
  readonly cbs?: readonly Callback[]
}

/**
 * Measures the model on a loader, the validation set unless given another (fastai's `validate`). A loader that is
 * given is walked as it is: in its own order, and without what it leaves out.
 */
export async function validate(learn: Learner, given?: DataLoader | ValidateOptions): Promise<Measured> {
  const { cbs = [], ...which } = asOptions(given)
  const dl = loaderOf(learn, which)
  checkCallbacks(cbs)
  if (dl.length === 0) {
    throw new EspalierError('validate/empty', 'there is nothing to validate: the loader is empty', {
      fix: 'hold out a part of the items, or give a loader: validate(dls.testDl(items, { withLabels: true }))',
    })
  }
  await learn.prepare()
  const recorder = new Recorder(learn.metrics)
  await learn.with({ recorder, cbs, quiet: true }, () => onePass(learn, dl))
  const names = recorder.columns.slice(1)
  return Object.fromEntries(recorder.measured().map((value, i) => [names[i]!, value]))
}

/** Walks a loader once without training, with the events of a validation. */
export async function onePass(
  learn: Learner,
  dl: DataLoader,
  walk: Parameters<typeof runBatches>[2] = {},
): Promise<void> {
  const s = { learn, phase: 'validate', nEpoch: 1, epoch: 0, training: false } as LoopVariables
  using _modes = holdModes(learn.model)
  await part(s, 'Validate', () => runBatches(s, dl, walk))
}
