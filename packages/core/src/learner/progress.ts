import { formatTime } from '../report/console-text.js'
import { chooseReporter } from '../report/progress/choose-reporter.js'
import type { ProgressReporter } from '../report/progress/progress-reporter.js'
import type { Callback } from './callback.js'
import type { FitState } from './events.js'

/** Shows a fit while it runs: a bar per epoch and fastai's table (fastai's `ProgressCallback`). */
export function progress(reporter?: ProgressReporter): Callback {
  let shown: ProgressReporter | undefined
  const epochRow = ({ learn: { recorder }, epoch }: FitState): string[] => [
    String(epoch),
    ...(recorder.values.at(-1) ?? []).map((v) => (v === undefined ? '' : v.toFixed(6))),
    ...(recorder.addTime ? [formatTime(recorder.seconds.at(-1) ?? 0)] : []),
  ]
  return {
    name: 'progress',
    order: 60,
    beforeFit({ learn, nEpoch }) {
      const { columns, addTime } = learn.recorder
      shown = reporter ?? chooseReporter()
      shown?.fitStart({ epochs: nEpoch, columns: ['epoch', ...columns, ...(addTime ? ['time'] : [])] })
    },
    beforeEpoch({ learn, epoch }) {
      shown?.epochStart(epoch, { batches: learn.dls.train.length, validBatches: learn.dls.valid.length })
    },
    beforeTrain: () => shown?.phase('train'),
    beforeValidate: () => shown?.phase('valid'),
    afterBatch({ iter, learn }) {
      const loss = learn.recorder.losses.at(-1)
      shown?.batch(iter, loss === undefined ? {} : { loss })
    },
    afterEpoch(s) {
      shown?.row(epochRow(s))
    },
    async release() {
      await shown?.fitEnd()
      shown = undefined
    },
  }
}
