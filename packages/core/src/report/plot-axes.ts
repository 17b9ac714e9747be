import type { Markish } from '@observablehq/plot'
import type { PlotModule } from './plot.js'
import { grid, muted } from './style.js'

/** The size of a single plot and the room for its tick labels and axis names, px. */
export const plotFrame = {
  width: 640,
  height: 380,
  marginTop: 10,
  marginRight: 24,
  marginBottom: 46,
  marginLeft: 76,
  inset: 6,
} as const

/** Faint lines and quiet axes, drawn under the data; each axis has its name in its middle. */
export function axisMarks(plot: PlotModule, x: AxisOptions, y: AxisOptions): Markish[] {
  const common = {
    color: muted,
    tickSize: 0,
    tickPadding: 8,
    labelAnchor: 'center',
    labelArrow: 'none',
  } as const
  return [
    plot.gridX({ stroke: grid, strokeOpacity: 1, ticks: x.ticks ?? 6 }),
    plot.gridY({ stroke: grid, strokeOpacity: 1, ticks: y.ticks ?? 6 }),
    plot.axisX({ ...common, labelOffset: plotFrame.marginBottom - 8, ticks: 6, ...x }),
    plot.axisY({ ...common, labelOffset: plotFrame.marginLeft - 8, ticks: 6, ...y }),
  ]
}

/** How an axis is named and ticked. */
export interface AxisOptions {
  readonly label: string
  readonly ticks?: number | number[]
  readonly tickFormat?: (value: number) => string
}
