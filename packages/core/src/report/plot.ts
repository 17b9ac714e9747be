import { EspalierError } from '@espalier/data'
import type { PlotOptions } from '@observablehq/plot'
import { installedPlatform } from '../platform.js'
import { Figure, type FigureOptions } from './figure.js'
import { type Fragment, pad, svgDocument } from './fragment.js'
import { joinPlot } from './join-plot.js'

/** Observable Plot, as its own documentation describes it. */
export type PlotModule = typeof import('@observablehq/plot')

/**
 * A figure drawn by Observable Plot, which is loaded when the figure is. A title, a caption and a legend of
 * categories become part of the picture; a continuous colour legend needs a browser.
 *
 * @example
 * plotFigure((Plot) => ({ marks: [Plot.lineY(losses)] }))
 */
export function plotFigure(build: (plot: PlotModule) => PlotOptions, options: FigureOptions = {}): Figure {
  return new Figure(async () => plotDocument(await plotFragment(build), options), options)
}

/** A picture with the margin that figures have. */
export function plotDocument(content: Fragment, { alt = 'figure' }: FigureOptions): string {
  return svgDocument(pad(content, margin), alt)
}

const margin = 12

/** A plot as a part of a larger picture. */
export async function plotFragment(build: (plot: PlotModule) => PlotOptions): Promise<Fragment> {
  const [plot, document] = await Promise.all([import('@observablehq/plot'), documentForPlots()])
  return joinPlot(plot.plot({ ...build(plot), document }))
}

async function documentForPlots(): Promise<Document> {
  if (typeof document !== 'undefined') return document
  const made = await installedPlatform()?.createDocument?.()
  if (made) return made
  throw new EspalierError('picture/document', 'a plot needs a document, and there is none here', {
    fix: 'run in a browser or under Node, or give setPlatform() a createDocument()',
  })
}
