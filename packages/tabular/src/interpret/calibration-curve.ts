import { type Figure, plotFigure, Table } from '@espalier/core'
import { checkOptions, EspalierError, listed } from '@espalier/data'
import type { RowLearner } from './valid-rows.js'

/** Rows whose probability lies in the same range. */
export interface CalibrationBin {
  readonly from: number
  readonly to: number
  readonly n: number
  /** The mean probability, and how often it was so. */
  readonly probability: number
  readonly share: number
}

/** Whose probability is looked at, and how closely. */
export interface CalibrationOptions {
  /** A class or label. Default: the last one, of two classes the second. */
  readonly label?: string
  /** Default 10. */
  readonly bins?: number
}

/** Whether probabilities are what they say. */
export class CalibrationCurve {
  constructor(
    readonly label: string,
    /** Ranges in which there are rows, the lowest first. */
    readonly bins: readonly CalibrationBin[],
  ) {}

  /** The mean distance between probability and share, each row counting alike. */
  get error(): number {
    const n = this.bins.reduce((sum, b) => sum + b.n, 0)
    return this.bins.reduce((sum, b) => sum + b.n * Math.abs(b.probability - b.share), 0) / n
  }

  table(): Table {
    const rows = this.bins.map((b) => [
      `${b.from.toFixed(2)} – ${b.to.toFixed(2)}`,
      b.n,
      b.probability,
      b.share,
    ])
    return new Table(['range', 'rows', 'probability', 'share'], rows)
  }

  plot(): Figure {
    return plotFigure(
      (plot) => ({
        x: { label: `probability of ${this.label} →`, domain: [0, 1] },
        y: { label: '↑ how often it was so', domain: [0, 1], grid: true },
        marks: [
          plot.line(
            [
              [0, 0],
              [1, 1],
            ],
            { strokeDasharray: '4 3' },
          ),
          plot.line(this.bins, { x: 'probability', y: 'share', stroke: '#4269d0' }),
          plot.dot(this.bins, { x: 'probability', y: 'share', fill: '#4269d0', r: 4 }),
        ],
      }),
      { alt: `how often ${this.label} was right, over its probability` },
    )
  }
}

/**
 * Of the validation rows with about the same probability of a label, how many have it: the same share, where the model
 * is calibrated.
 *
 * @example
 * (await calibrationCurve(learn)).table().toText()
 */
export async function calibrationCurve(
  learn: RowLearner,
  options: CalibrationOptions = {},
): Promise<CalibrationCurve> {
  checkOptions('calibrationCurve', options, ['label', 'bins'])
  const { vocab } = learn.dls.target ?? {}
  if (!vocab) {
    throw new EspalierError(
      'tabular/calibration',
      'only probabilities can be calibrated, and this model predicts numbers',
    )
  }
  const { bins = 10, label = vocab.at(-1)! } = options
  const at = vocab.indexOf(label)
  if (at < 0) {
    throw new EspalierError('tabular/label', `there is no label '${label}'`, {
      fix: `there are ${listed(vocab)}`,
    })
  }
  if (!Number.isInteger(bins) || bins < 1) {
    throw new EspalierError('tabular/bins', `calibrationCurve: bins must be a whole number ≥ 1, got ${bins}`)
  }
  const { preds, targets } = await learn.getPreds({ withDecoded: false })
  const truth = targets[0]!
  const holds = (i: number) =>
    truth.dtype === 'int32' ? truth.data[i] === at : truth.data[i * vocab.length + at] === 1
  const found = Array.from({ length: bins }, () => ({ n: 0, sum: 0, held: 0 }))
  for (let i = 0; i < preds.shape[0]!; i++) {
    const p = Number(preds.data[i * vocab.length + at])
    const bin = found[Math.min(bins - 1, Math.floor(p * bins))]!
    bin.n++
    bin.sum += p
    if (holds(i)) bin.held++
  }
  return new CalibrationCurve(
    label,
    found.flatMap(({ n, sum, held }, k) =>
      n === 0 ? [] : [{ from: k / bins, to: (k + 1) / bins, n, probability: sum / n, share: held / n }],
    ),
  )
}
