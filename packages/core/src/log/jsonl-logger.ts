import type { Json } from '@espalier/data'
import type { Callback } from '../learner/callback.js'
import type { FitState } from '../learner/events.js'
import { platform } from '../platform.js'
import { checkEvery, checkPath } from './check-log.js'
import { isTrial } from './is-trial.js'
import { LogFile, type LogState } from './log-file.js'

/** Where `jsonlLogger` writes, and how much. */
export interface JsonlLoggerOptions {
  /** Default `history.jsonl`. */
  readonly fname?: string
  /** Writes every n-th step. Default 1. */
  readonly everySteps?: number
  /** Adds to a file that is there. Default: the first fit begins it anew, the later ones add to it. */
  readonly append?: boolean
}

/**
 * Writes a JSON object per line: of kind `step` after a step of training, with its loss and the hyper-parameters of
 * each group, of kind `epoch` after an epoch, with its losses and metrics. All have time, fit, phase, epoch and
 * `step`, the steps that the learner has done; what is not finite is null, what was not measured is left out. Steps
 * are written in passing, every other second and at the end of each epoch. A fit that goes on in another process
 * cuts the file back to where it was, and has every step once.
 *
 * @example
 * await learn.fitOneCycle(4, 1e-3, { cbs: [jsonlLogger({ fname: 'runs/pets.jsonl', everySteps: 10 })] })
 */
export function jsonlLogger({
  fname = 'history.jsonl',
  everySteps = 1,
  append = false,
}: JsonlLoggerOptions = {}): Callback {
  checkPath('jsonlLogger', 'fname', fname, 'history.jsonl')
  checkEvery('jsonlLogger', 'everySteps', everySteps)
  const file = new LogFile(fname, append)
  const add = (kind: string, s: FitState, more: Readonly<Record<string, Json | undefined>>) => {
    const { learn, phase, epoch } = s
    const { fit, step } = learn.run
    const time = new Date(platform().now()).toISOString()
    file.add(`${JSON.stringify({ kind, time, fit, phase, epoch, step, ...more })}\n`)
  }
  return {
    name: 'jsonlLogger',
    order: 60,
    runValid: false,
    beforeFit({ learn }) {
      platform() // Better now than after a step.
      this.run = !isTrial(learn)
    },
    afterBatch(s) {
      const { learn, loss } = s
      if (loss === undefined || learn.run.step % everySteps !== 0) return
      const hypers = learn.opt.hypers.map((h) => ({ ...h }))
      add('step', s, { loss, smooth_loss: learn.recorder.smoothLoss, hypers })
      file.flushSometimes()
    },
    async afterEpoch(s) {
      const { values, seconds, columns } = s.learn.recorder
      const measured = (values.at(-1) ?? []).flatMap((v, i) =>
        v === undefined ? [] : [[columns[i]!, v] as const],
      )
      if (measured.length === 0) return
      const { train_loss, valid_loss, ...metrics } = Object.fromEntries(measured)
      add('epoch', s, { seconds: seconds.at(-1), train_loss, valid_loss, metrics })
      await file.flush()
    },
    release: () => file.close(),
    saveState: () => ({ data: file.saveState() }),
    loadState: ({ data }) => file.loadState(data as LogState),
  }
}
