import { type NdArray, ndArray } from '@espalier/data'
import { encodePng } from './encode-png.js'
import { Figure } from './figure.js'
import { column, type Fragment } from './fragment.js'
import { dataUri, element } from './markup.js'
import { type PlotModule, plotDocument, plotFragment } from './plot.js'
import { plotFrame } from './plot-axes.js'
import { muted } from './style.js'
import { textBlock } from './text-block.js'

/** The histograms of a layer while a model trained. */
export interface HistHistory {
  /** The layer's name. */
  readonly layer: string
  /** The steps that have a histogram, from 0. */
  readonly steps: readonly number[]
  /** `[bin][step]`, the lowest bin first. */
  readonly hist: readonly (readonly number[])[]
  /** Where the last bin ends; the first begins at 0. Default 10. */
  readonly highest?: number
}

/** The histograms as colours, a column per step, high counts bright (fastai's `color_dim`). */
export function plotColorDim({ layer, steps, hist, highest = 10 }: HistHistory): Figure {
  const alt = `histogram of the activations of ${layer} over the steps`
  return new Figure(
    async () => {
      let colors: readonly number[][] = []
      const axes = await plotFragment((plot) => {
        colors = viridis(plot)
        return {
          ...plotFrame,
          inset: 0,
          x: { domain: ends(steps) },
          y: { domain: [0, highest] },
          marks: [
            plot.axisX({ ...quiet, label: 'step', labelOffset: plotFrame.marginBottom - 8, ticks: 6 }),
            plot.axisY({ ...quiet, label: 'activation', labelOffset: plotFrame.marginLeft - 8, ticks: 6 }),
          ],
        }
      })
      const image = hist[0]?.length ? await pictureOf(pixelsOf(hist, colors)) : ''
      const title = textBlock(layer, { color: muted, width: axes.width })
      return plotDocument(column([title, { ...axes, body: image + axes.body } as Fragment], { gap: 8 }), {
        alt,
      })
    },
    { alt },
  )
}

const quiet = {
  color: muted,
  tickSize: 0,
  tickPadding: 8,
  labelAnchor: 'center',
  labelArrow: 'none',
} as const

/** From the first step to the end of the last one, counted from 1. */
function ends(steps: readonly number[]): [number, number] {
  const [first = 0, second = first + 1] = steps
  return [first + 1, (steps.at(-1) ?? 0) + 1 + (second - first)]
}

/** The colours of 256 values from low to high. */
function viridis(plot: PlotModule): number[][] {
  const scale = plot.scale({ color: { type: 'linear', scheme: 'viridis', domain: [0, 255] } })
  return Array.from({ length: 256 }, (_, i) => {
    const hex = String(scale?.apply(i))
    return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
  })
}

/** A pixel per bin and step, the lowest bin at the bottom; of very many steps the means of neighbours. */
function pixelsOf(hist: HistHistory['hist'], colors: readonly number[][]): NdArray<'uint8'> {
  const steps = hist[0]?.length ?? 0
  const together = Math.ceil(steps / 1024)
  const width = Math.ceil(steps / together)
  const rows = hist
    .map((row) => Array.from({ length: width }, (_, i) => mean(row.slice(i * together, (i + 1) * together))))
    .reverse()
  const top = rows.flat().reduce((a, b) => Math.max(a, b), 0) || 1
  const rgb = rows.flat().flatMap((v) => colors[Math.round((v / top) * 255)] ?? [0, 0, 0])
  return ndArray('uint8', [hist.length, width, 3], Uint8Array.from(rgb))
}

async function pictureOf(pixels: NdArray<'uint8'>): Promise<string> {
  const { marginLeft, marginTop, marginRight, marginBottom, width, height } = plotFrame
  return element('image', {
    x: marginLeft,
    y: marginTop,
    width: width - marginLeft - marginRight,
    height: height - marginTop - marginBottom,
    href: dataUri('image/png', await encodePng(pixels)),
    preserveAspectRatio: 'none',
    'image-rendering': 'pixelated',
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length
}
