import { Figure } from './figure.js'
import { column, row } from './fragment.js'
import { plotDocument, plotFragment } from './plot.js'
import { axisMarks, plotFrame } from './plot-axes.js'
import { finite, shortNumber, span, thin } from './plot-numbers.js'
import { colorAt } from './style.js'

/** The hyper-parameters of a fit, step by step. */
export interface ScheduleHistory {
  /** The learning rate of each training step. */
  readonly lrs?: readonly number[]
  /** The momentum of each training step, where the optimizer has one. */
  readonly moms?: readonly number[]
  /** Any hyper-parameter of each training step, by name. */
  readonly hps?: Readonly<Record<string, readonly number[]>>
}

const titles: Readonly<Record<string, string>> = {
  lr: 'learning rate',
  mom: 'momentum',
  wd: 'weight decay',
}

/** Hyper-parameters over a fit, a panel for each, two in a row (fastai's `Recorder.plot_sched`). */
export function plotSchedule({ lrs, moms = [], hps = {} }: ScheduleHistory): Figure {
  const alt = 'schedule of the fit'
  const whole = { ...(lrs && { lr: lrs }), ...(moms.length > 0 && { mom: moms }) }
  const all = Object.entries({ ...whole, ...hps, ...whole })
  return new Figure(
    async () => {
      const panels = await Promise.all(all.map(([name, v], i) => panel(titles[name] ?? name, v, i)))
      const rows = panels.flatMap((_, i) => (i % 2 === 0 ? [row(panels.slice(i, i + 2), { gap: 16 })] : []))
      return plotDocument(column(rows, { gap: 16 }), { alt })
    },
    { alt },
  )
}

function panel(name: string, values: readonly number[], place: number) {
  const points = values.map((value, i) => ({ step: i + 1, value: finite(value) }))
  return plotFragment((plot) => ({
    ...plotFrame,
    width: 440,
    height: 300,
    x: { domain: span(points.map((p) => p.step)) },
    y: { nice: true, domain: span(values) },
    marks: [
      ...axisMarks(plot, { label: 'step' }, { label: name, tickFormat: shortNumber }),
      plot.line(thin(points, 1000), { x: 'step', y: 'value', stroke: colorAt(place), strokeWidth: 1.75 }),
    ],
  }))
}
