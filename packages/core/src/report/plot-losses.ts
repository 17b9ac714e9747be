import type { Figure } from './figure.js'
import { plotFigure } from './plot.js'
import { axisMarks, plotFrame } from './plot-axes.js'
import { finite, shortNumber, span, thin } from './plot-numbers.js'
import { palette } from './style.js'

/** The losses of a fit. */
export interface LossHistory {
  /** The smoothed loss after each training step. */
  readonly train: readonly number[]
  /** The validation losses, each with the number of training steps before it. */
  readonly valid?: readonly { readonly step: number; readonly loss: number }[]
}

/**
 * The losses of a fit over its steps (fastai's `Recorder.plot_loss`). The first `skipStart` steps, where the
 * average has little to average, are left out when there are more than twice as many.
 */
export function plotLosses({ train, valid = [] }: LossHistory, { skipStart = 5 } = {}): Figure {
  const first = train.length > 2 * skipStart ? skipStart : 0
  const points = train.map((loss, i) => ({ step: i + 1, loss: finite(loss), part: 'train' })).slice(first)
  const checks = valid.map(({ step, loss }) => ({ step, loss: finite(loss), part: 'valid' }))
  const all = [...points, ...checks]
  return plotFigure(
    (plot) => ({
      ...plotFrame,
      x: { domain: span(all.map((p) => p.step)) },
      y: { nice: true, domain: span(all.map((p) => p.loss)) },
      color: { legend: true, domain: checks.length > 0 ? ['train', 'valid'] : ['train'], range: palette },
      marks: [
        ...axisMarks(plot, { label: 'step' }, { label: 'loss', tickFormat: shortNumber }),
        plot.line(thin(points, 2 * plotFrame.width), {
          x: 'step',
          y: 'loss',
          stroke: 'part',
          strokeWidth: 1.75,
        }),
        plot.line(checks, { x: 'step', y: 'loss', stroke: 'part', strokeWidth: 1.75 }),
        plot.dot(checks, { x: 'step', y: 'loss', fill: 'part', r: 3.5, stroke: 'white' }),
      ],
    }),
    { alt: 'losses of the fit' },
  )
}
