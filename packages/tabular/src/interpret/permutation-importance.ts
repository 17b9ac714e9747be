import { type Figure, plotFigure, Table } from '@espalier/core'
import { checkOptions, EspalierError, Random } from '@espalier/data'
import { placesOf, type RowLearner, validRows, withColumn } from './valid-rows.js'

/** How much worse the model is when a column says nothing. */
export interface ColumnImportance {
  readonly column: string
  /** The rise of the loss, or the change of the metric, on the average over the repeats. */
  readonly change: number
  /** How far the repeats lie apart: their standard deviation. */
  readonly spread: number
}

/** How columns are shuffled, and what is measured. */
export interface ImportanceOptions {
  /** What is measured, by its name in the table of a fit. Default: the loss. */
  readonly metric?: string
  /** How often each column is shuffled. Default 3. */
  readonly repeats?: number
  /** Default 42. */
  readonly seed?: number
  /** Default: all that the model looks at. */
  readonly columns?: readonly string[]
}

/** The importance of columns, the largest change first. */
export class Importance {
  constructor(
    readonly metric: string,
    readonly columns: readonly ColumnImportance[],
  ) {}

  table(): Table {
    const rows = this.columns.map(({ column, change, spread }) => [column, change, spread])
    return new Table(['column', `change of ${this.metric}`, 'spread'], rows)
  }

  plot(): Figure {
    const { columns, metric } = this
    return plotFigure(
      (plot) => ({
        marginLeft: 140,
        x: { label: `change of ${metric} →`, grid: true },
        y: { label: null, domain: columns.map((c) => c.column) },
        marks: [
          plot.barX(columns, { x: 'change', y: 'column', fill: '#4269d0' }),
          plot.ruleY(columns, {
            y: 'column',
            x1: (c: ColumnImportance) => c.change - c.spread,
            x2: (c: ColumnImportance) => c.change + c.spread,
          }),
          plot.ruleX([0]),
        ],
      }),
      { alt: `how much ${metric} changes when a column is shuffled` },
    )
  }
}

/**
 * Shuffles one column of the validation rows at a time and measures how much worse the model gets (Breiman 2001). A
 * column that others can stand in for seems unimportant.
 *
 * @example
 * const importance = await permutationImportance(learn)
 * importance.table().toText()
 * await importance.plot().save('importance.svg')
 */
export async function permutationImportance(
  learn: RowLearner,
  options: ImportanceOptions = {},
): Promise<Importance> {
  checkOptions('permutationImportance', options, ['metric', 'repeats', 'seed', 'columns'])
  const { metric = 'valid_loss', repeats = 3, seed = 42 } = options
  const rows = validRows(learn)
  const { dls, n } = rows
  const { columns = [...dls.procs.input.cats, ...dls.procs.input.conts] } = options
  const before = measuredAs(await learn.validate(rows.loader(rows.arrays)), metric)
  const found: ColumnImportance[] = []
  for (const [c, column] of columns.entries()) {
    const places = placesOf(dls, column)
    const changes: number[] = []
    for (let r = 0; r < repeats; r++) {
      const order = new Random(seed, 'permutation-importance', c, r).permutation(n)
      const shuffled = withColumn(rows, places, (_, i, at) => at(order[i]!))
      changes.push(measuredAs(await learn.validate(rows.loader(shuffled)), metric) - before)
    }
    const change = changes.reduce((a, b) => a + b, 0) / repeats
    const spread = Math.sqrt(changes.reduce((sum, c) => sum + (c - change) ** 2, 0) / repeats)
    found.push({ column, change, spread })
  }
  return new Importance(
    metric,
    found.sort((a, b) => Math.abs(b.change) - Math.abs(a.change)),
  )
}

function measuredAs(measured: Readonly<Record<string, number | undefined>>, metric: string): number {
  const value = measured[metric]
  if (value !== undefined) return value
  throw new EspalierError('tabular/metric', `this learner does not measure '${metric}'`, {
    fix: `it measures ${Object.keys(measured).join(', ')}`,
  })
}
