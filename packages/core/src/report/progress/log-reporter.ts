import { formatFloat } from '../console-text.js'
import { EpochTable } from './epoch-table.js'
import type { EpochPlan, Phase, ProgressReporter } from './progress-reporter.js'

/** The log that is written to, and how often. */
export interface LogReporterOptions {
  readonly write: (text: string) => void
  /** Milliseconds. */
  readonly now: () => number
  /** The shortest time between two lines inside an epoch, ms. Default 10 000. */
  readonly every?: number
}

/** For pipes and log files: a header, a line per epoch and a sign of life now and then; no control characters. */
export function logReporter({ write, now, every = 10_000 }: LogReporterOptions): ProgressReporter {
  let table = new EpochTable([])
  let epoch = 0
  let plan: EpochPlan = { batches: 0 }
  let phase: Phase = 'train'
  let lastLine = 0
  const say = (line: string) => {
    write(`${line}\n`)
    lastLine = now()
  }
  return {
    fitStart({ columns }) {
      table = new EpochTable(columns)
      say(table.header())
    },
    epochStart(i, epochPlan) {
      epoch = i
      plan = epochPlan
      phase = 'train'
    },
    phase(name) {
      phase = name
    },
    batch(i, { loss }) {
      if (now() - lastLine < every) return
      const total = phase === 'train' ? plan.batches : plan.validBatches
      const of = total === undefined ? '' : ` of ${total}`
      const losing = loss === undefined ? '' : `, loss ${formatFloat(loss)}`
      say(`epoch ${epoch}: ${phase} batch ${i + 1}${of}${losing}`)
    },
    row: (values) => say(table.line(values)),
    fitEnd() {},
  }
}
