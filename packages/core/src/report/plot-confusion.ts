import { EspalierError } from '@espalier/data'
import type { Figure } from './figure.js'
import { plotFontSize } from './join-plot.js'
import { plotFigure } from './plot.js'
import { ink, muted } from './style.js'
import { ellipsize, textWidth } from './text-layout.js'

/** A confusion matrix, rows the actual classes and columns the predicted ones. */
export interface ConfusionPlot {
  /** How often class `row` was taken for class `column`. */
  readonly matrix: readonly (readonly number[])[]
  readonly vocab: readonly string[]
  /** Shows shares of each row instead of counts. */
  readonly normalize?: boolean
  /** Decimals of the shares. Default 2. */
  readonly normDec?: number
}

/**
 * The confusion matrix with the actual classes as rows (fastai's `plot_confusion_matrix`). The shade grows with
 * the root of a row's share, so that a few mistakes among many right answers stay visible.
 * Throws `confusion/shape` when the matrix is not square or does not fit the vocabulary.
 */
export function plotConfusion({ matrix, vocab, normalize = false, normDec = 2 }: ConfusionPlot): Figure {
  checkShape(matrix, vocab)
  const n = vocab.length
  const cells = matrix.flatMap((counts, actual) => {
    const total = counts.reduce((sum, count) => sum + count, 0)
    return counts.map((count, predicted) => {
      const share = total > 0 ? count / total : 0
      return {
        actual,
        predicted,
        share,
        text: count === 0 ? '' : normalize ? percent(share, normDec) : String(count),
      }
    })
  })
  const cell = cellSize(n, Math.max(0, ...cells.map((c) => textWidth(c.text, plotFontSize))))
  const labels = vocab.map((name) => ellipsize(name, 190, plotFontSize) || '·')
  const longest = Math.max(...labels.map((label) => textWidth(label, plotFontSize)))
  const turned = longest > cell - 6
  const left = longest + 44
  const bottom = (turned ? longest : plotFontSize) + 44
  const side = cell * n
  const quiet = { color: muted, tickSize: 0, tickPadding: 6, tickFormat: (i: number) => labels[i] ?? '' }
  return plotFigure(
    (plot) => ({
      width: Math.ceil(left + side + 12),
      height: Math.ceil(bottom + side + 8),
      marginLeft: left,
      marginBottom: bottom,
      marginTop: 8,
      marginRight: 12,
      padding: n > 60 ? 0 : 0.04,
      x: { type: 'band', domain: vocab.map((_, i) => i) },
      y: { type: 'band', domain: vocab.map((_, i) => i) },
      color: { type: 'pow', exponent: 0.5, domain: [0, 1], scheme: 'blues' },
      marks: [
        plot.axisX({ ...quiet, label: 'predicted', labelOffset: bottom - 10, tickRotate: turned ? -90 : 0 }),
        plot.axisY({ ...quiet, label: 'actual', labelOffset: left - 8 }),
        plot.cell(cells, { x: 'predicted', y: 'actual', fill: 'share' }),
        plot.text(cells, {
          x: 'predicted',
          y: 'actual',
          text: 'text',
          fontSize: n > 20 ? plotFontSize - 1 : plotFontSize + 1,
          fill: (c: { share: number }) => (c.share > 0.35 ? 'white' : ink),
        }),
      ],
    }),
    { alt: `confusion matrix of ${n} classes` },
  )
}

/** Px of a cell: room for its number, small enough for a page, large enough for a row of letters. */
function cellSize(n: number, widestNumber: number): number {
  return Math.ceil(Math.max(plotFontSize + 8, widestNumber + 6, Math.min(64, 480 / n)))
}

/** `0.07` as `.07`: the narrow cells of many classes hold three characters. */
function percent(share: number, decimals: number): string {
  return share.toFixed(decimals).replace(/^0/, '')
}

function checkShape(matrix: readonly (readonly number[])[], vocab: readonly string[]): void {
  const n = vocab.length
  if (n > 0 && matrix.length === n && matrix.every((counts) => counts.length === n)) return
  throw new EspalierError(
    'confusion/shape',
    `a confusion matrix of ${n} classes needs ${n} rows of ${n} counts, got ${matrix.length} rows of ${[...new Set(matrix.map((counts) => counts.length))].join(' or ')}`,
  )
}
