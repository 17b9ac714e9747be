import { type GenericFormatter, type Options, SingleBar } from 'cli-progress'
import { formatFloat, formatTime } from '../../report/console-text.js'
import { EpochTable } from '../../report/progress/epoch-table.js'
import type { EpochPlan, Phase, ProgressReporter } from '../../report/progress/progress-reporter.js'

/** The terminal that is written to. */
export interface TerminalReporterOptions {
  readonly write: (text: string) => void
  /** The width of the terminal now. */
  readonly columns: () => number
}

/** For a terminal: fastai's table of epochs, and under it a bar that is gone when the row of its epoch comes. */
export function terminalReporter({ write, columns }: TerminalReporterOptions): ProgressReporter {
  let table = new EpochTable([])
  let epoch = 0
  let plan: EpochPlan = { batches: 0 }
  let current: Phase = 'train'
  let bar: SingleBar | undefined
  const clear = () => {
    bar?.stop()
    bar = undefined
  }
  const open = (phase: Phase) => {
    clear()
    current = phase
    const total = phase === 'train' ? plan.batches : plan.validBatches
    bar = newBar(write, columns)
    bar.start(total ?? 0, 0, { head: `epoch ${epoch} ${phase}` } satisfies Payload)
  }
  return {
    fitStart(fit) {
      clear()
      table = new EpochTable(fit.columns)
      write(`${table.header()}\n`)
    },
    epochStart(i, epochPlan) {
      epoch = i
      plan = epochPlan
      open('train')
    },
    phase(name) {
      if (name !== current || !bar) open(name)
    },
    batch: (i, { loss }) => bar?.update(i + 1, loss === undefined ? {} : ({ loss } satisfies Payload)),
    row(values) {
      clear()
      write(`${table.line(values)}\n`)
    },
    fitEnd: clear,
  }
}

interface Payload {
  readonly head?: string
  readonly loss?: number
}

function newBar(write: (text: string) => void, columns: () => number): SingleBar {
  const options: Options & { readonly terminal: object } = {
    format: drawBar,
    clearOnComplete: true,
    emptyOnZero: true,
    // Our own: cli-progress's would save and restore the cursor, which wipes what a callback prints meanwhile,
    // and switch line wrapping off, which a killed process leaves behind.
    terminal: {
      isTTY: () => true,
      getWidth: columns,
      write: (text: string) => write(text.slice(0, Math.max(0, columns() - 1))),
      newline: () => write('\n'),
      cursorTo: () => write('\r'),
      clearRight: () => write('\u001b[K'),
      clearLine: () => write('\u001b[2K'),
      cursor() {},
      cursorSave() {},
      cursorRestore() {},
      lineWrapping() {},
    },
  }
  return new SingleBar(options)
}

const length = 24

const drawBar: GenericFormatter = (_, { progress, value, total, eta }, { head = '', loss }: Payload) => {
  const full = Math.round(progress * length)
  const parts = [
    `${head} ${'█'.repeat(full)}${'░'.repeat(length - full)}`,
    total > 0 ? `${value}/${total}` : String(value),
    ...(total > 0 && value > 0 && Number.isFinite(eta) ? [`${formatTime(eta)} left`] : []),
    ...(loss === undefined ? [] : [`loss ${formatFloat(loss)}`]),
  ]
  return parts.join('  ')
}
