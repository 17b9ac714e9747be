import { Figure } from './figure.js'
import { column, row } from './fragment.js'
import { plotDocument, plotFragment } from './plot.js'
import { axisMarks, plotFrame } from './plot-axes.js'
import { finite, shortNumber, span, thin } from './plot-numbers.js'
import { colorAt, muted } from './style.js'
import { textBlock } from './text-block.js'

/** What a layer gave while a model trained. */
export interface LayerHistory {
  /** The layer's name. */
  readonly layer: string
  readonly steps: readonly number[]
  readonly mean: readonly number[]
  readonly std: readonly number[]
  /** The fraction of outputs near zero. */
  readonly nearZero: readonly number[]
}

/** Mean, standard deviation and fraction near zero over the steps, side by side (fastai's `plot_layer_stats`). */
export function plotLayerStats({ layer, steps, mean, std, nearZero }: LayerHistory): Figure {
  const alt = `activations of ${layer}`
  return new Figure(
    async () => {
      const panels = await Promise.all([
        panel('mean', steps, mean, 0),
        panel('standard deviation', steps, std, 1),
        panel('fraction near zero', steps, nearZero, 2),
      ])
      const title = textBlock(layer, { color: muted, width: 900 })
      return plotDocument(column([title, row(panels, { gap: 12 })], { gap: 8 }), { alt })
    },
    { alt },
  )
}

function panel(name: string, steps: readonly number[], values: readonly number[], place: number) {
  const points = values.map((value, i) => ({ step: steps[i]! + 1, value: finite(value) }))
  return plotFragment((plot) => ({
    ...plotFrame,
    width: 340,
    height: 260,
    x: { domain: span(points.map((p) => p.step)) },
    y: { nice: true, domain: span(values) },
    marks: [
      ...axisMarks(plot, { label: 'step', ticks: 4 }, { label: name, tickFormat: shortNumber }),
      plot.line(thin(points, 800), { x: 'step', y: 'value', stroke: colorAt(place), strokeWidth: 1.5 }),
    ],
  }))
}
