import type { Figure } from './figure.js'
import { plotFigure } from './plot.js'
import { axisMarks, plotFrame } from './plot-axes.js'
import { decades, finite, logSpan, shortNumber, span } from './plot-numbers.js'
import { colorAt } from './style.js'

/** What a trial of learning rates measured, and the rates it suggests. */
export interface LrFindCurve {
  /** The learning rate of each step, rising. */
  readonly lrs: readonly number[]
  /** The smoothed loss after each step. */
  readonly losses: readonly number[]
  readonly suggestions?: readonly { readonly name: string; readonly lr: number; readonly loss: number }[]
}

/**
 * The loss over the learning rate on a logarithmic axis, with the suggested rates (fastai's `plot_lr_find`).
 * The last `skipEnd` points, where the loss has run away, are left out when there are more than twice as many.
 */
export function plotLrFind({ lrs, losses, suggestions = [] }: LrFindCurve, { skipEnd = 5 } = {}): Figure {
  const end = lrs.length > 2 * skipEnd ? lrs.length - skipEnd : lrs.length
  const points = lrs.slice(0, end).map((lr, i) => ({ lr, loss: finite(losses[i]) }))
  const named = suggestions.map((s) => ({ ...s, label: `${s.name} ${shortNumber(s.lr)}` }))
  const rates = logSpan([...points, ...named].map((p) => p.lr))
  return plotFigure(
    (plot) => ({
      ...plotFrame,
      x: { type: 'log', domain: rates },
      y: { nice: true, domain: span([...points, ...named].map((p) => p.loss)) },
      color: {
        legend: named.length > 0,
        domain: named.map((s) => s.label),
        range: named.map((_, i) => colorAt(i + 1)),
      },
      marks: [
        ...axisMarks(
          plot,
          { label: 'learning rate', ticks: decades(rates), tickFormat: shortNumber },
          { label: 'loss', tickFormat: shortNumber },
        ),
        plot.line(points, { x: 'lr', y: 'loss', stroke: colorAt(0), strokeWidth: 1.75 }),
        plot.ruleX(named, { x: 'lr', stroke: 'label', strokeOpacity: 0.5, strokeDasharray: '3,3' }),
        plot.dot(named, { x: 'lr', y: 'loss', fill: 'label', r: 5, stroke: 'white', strokeWidth: 1.5 }),
      ],
    }),
    { alt: 'loss over learning rate' },
  )
}
