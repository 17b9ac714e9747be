import { formatFloat } from '../console-text.js'
import { element, escapeMarkup } from '../markup.js'
import { Table } from '../table.js'
import type { EpochPlan, Phase, ProgressReporter } from './progress-reporter.js'

/** Sends a message to the front end of a notebook, as `Deno.jupyter.broadcast` does. */
export type Broadcast = (type: string, content: Readonly<Record<string, unknown>>) => Promise<unknown>

/** The notebook that is shown in, and how often it changes. */
export interface NotebookReporterOptions {
  readonly broadcast: Broadcast
  /** Milliseconds. */
  readonly now: () => number
  /** The shortest time between two updates inside an epoch, ms. Default 250. */
  readonly every?: number
}

/** One output of a notebook cell that is replaced as the fit goes on: the table so far, a bar under it. */
export function notebookReporter(options: NotebookReporterOptions): ProgressReporter {
  const { broadcast, now, every = 250 } = options
  let display = ''
  let columns: readonly string[] = []
  let rows: (readonly string[])[] = []
  let bar = ''
  let epoch = 0
  let plan: EpochPlan = { batches: 0 }
  let phase: Phase = 'train'
  let lastSent = 0
  let sending: Promise<unknown> = Promise.resolve()
  const show = (type: 'display_data' | 'update_display_data') => {
    lastSent = now()
    const table = new Table(columns, rows)
    const content = {
      data: { 'text/html': table.toHTML() + bar, 'text/plain': table.toText() },
      metadata: {},
      transient: { display_id: display },
    }
    // In order, and a front end that has gone away does not stop the training.
    sending = sending.then(() => broadcast(type, content)).catch(() => {})
  }
  return {
    fitStart(fit) {
      display = `espalier-${crypto.randomUUID()}`
      columns = fit.columns
      rows = []
      bar = ''
      show('display_data')
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
      if (now() - lastSent < every) return
      const total = phase === 'train' ? plan.batches : plan.validBatches
      const text = ` epoch ${epoch}, ${phase}${loss === undefined ? '' : `, loss ${formatFloat(loss)}`}`
      bar = element('p', {}, element('progress', { value: i + 1, max: total }, ' '), escapeMarkup(text))
      show('update_display_data')
    },
    row(values) {
      rows.push(values)
      bar = ''
      show('update_display_data')
    },
    async fitEnd() {
      bar = ''
      show('update_display_data')
      await sending
    },
  }
}

/** How to reach the front end, when this runs in a Deno notebook. */
export function jupyterBroadcast(scope: object = globalThis): Broadcast | undefined {
  const { Deno: deno } = scope as { Deno?: { jupyter?: { broadcast?: Broadcast } } }
  try {
    const jupyter = deno?.jupyter
    return jupyter?.broadcast ? (type, content) => jupyter.broadcast!(type, content) : undefined
  } catch {
    // Outside a notebook Deno throws when its `jupyter` is touched.
    return undefined
  }
}
