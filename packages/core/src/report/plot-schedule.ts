import { Figure } from './figure.js'
import { row } from './fragment.js'
import { plotDocument, plotFragment } from './plot.js'
import { axisMarks, plotFrame } from './plot-axes.js'
import { finite, shortNumber, span, thin } from './plot-numbers.js'
import { colorAt } from './style.js'

/** The hyper-parameters of a fit, step by step. */
export interface ScheduleHistory {
  /** The learning rate of each training step. */
  readonly lrs: readonly number[]
  /** The momentum of each training step, where the optimizer has one. */
  readonly moms?: readonly number[]
}

/** The learning rate and the momentum over a fit, side by side (fastai's `Recorder.plot_sched`). */
export function plotSchedule({ lrs, moms = [] }: ScheduleHistory): Figure {
  const alt = 'schedule of the fit'
  return new Figure(
    async () => {
      const panels = [panel('learning rate', lrs, 0)]
      if (moms.length > 0) panels.push(panel('momentum', moms, 1))
      return plotDocument(row(await Promise.all(panels), { gap: 16 }), { alt })
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
