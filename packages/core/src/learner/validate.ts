import { checkLoader, type DataLoader, EspalierError } from '@espalier/data'
import { part } from './emit.js'
import type { Learner } from './learner.js'
import { type LoopVariables, runBatches } from './loop.js'
import { Recorder } from './recorder.js'

/** Loss and metrics over a loader, by the names of the table's columns. */
export type Measured = Readonly<Record<string, number | undefined>>

/** Measures the model on a loader, the validation set unless given another (fastai's `validate`). */
export async function validate(learn: Learner, dl: DataLoader = learn.dls.valid): Promise<Measured> {
  checkLoader(dl)
  if (dl.length === 0) {
    throw new EspalierError('validate/empty', 'there is nothing to validate: the loader is empty', {
      fix: 'hold out a part of the items, or give a loader: validate(dls.testDl(items, { withLabels: true }))',
    })
  }
  await learn.prepare()
  const recorder = new Recorder(learn.metrics)
  await learn.with({ recorder, quiet: true }, () => onePass(learn, dl))
  const names = recorder.columns.slice(1)
  return Object.fromEntries(recorder.measured().map((value, i) => [names[i]!, value]))
}

/** Walks a loader once without training, with the events of a validation. */
export async function onePass(learn: Learner, dl: DataLoader): Promise<void> {
  const s = { learn, phase: 'validate', nEpoch: 1, epoch: 0, training: false } as LoopVariables
  const modes = [...learn.model.modules()].map(([, m]) => [m, m.training] as const)
  try {
    await part(s, 'Validate', () => runBatches(s, dl))
  } finally {
    for (const [m, mode] of modes) m.training = mode
  }
}
