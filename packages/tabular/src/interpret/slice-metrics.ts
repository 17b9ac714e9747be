import { type Figure, plotFigure, Table } from '@espalier/core'
import { checkOptions } from '@espalier/data'
import { textOf } from '../frame/table-of.js'
import { placesOf, type RowLearner, validRows } from './valid-rows.js'

/** Loss and metrics over some of the rows. */
export interface Slice {
  readonly name: string
  readonly n: number
  readonly measured: Readonly<Record<string, number | undefined>>
}

/** How rows are divided. */
export interface SliceOptions {
  /** Of a column of numbers: into so many ranges of as many rows each. Default 4. */
  readonly ranges?: number
}

/** Loss and metrics by the values of a column. */
export class SliceMetrics {
  constructor(
    readonly column: string,
    /** All rows together first, then the slices, the worst loss first. */
    readonly slices: readonly Slice[],
  ) {}

  table(): Table {
    const names = Object.keys(this.slices[0]?.measured ?? {})
    const rows = this.slices.map(({ name, n, measured }) => [
      name,
      n,
      ...names.map((m) => measured[m] ?? Number.NaN),
    ])
    return new Table([this.column, 'rows', ...names], rows)
  }

  /** A bar for each slice; `metric` is the loss unless it is said. */
  plot(metric = 'valid_loss'): Figure {
    const bars = this.slices
      .slice(1)
      .map(({ name, measured }) => ({ name, value: measured[metric] ?? Number.NaN }))
    const whole = this.slices[0]?.measured[metric] ?? Number.NaN
    return plotFigure(
      (plot) => ({
        marginLeft: 140,
        x: { label: `${metric} →`, grid: true },
        y: { label: null, domain: bars.map((b) => b.name) },
        marks: [
          plot.barX(bars, { x: 'value', y: 'name', fill: '#4269d0' }),
          plot.ruleX([0]),
          plot.ruleX([whole], { strokeDasharray: '4 3' }),
        ],
      }),
      { alt: `${metric} by ${this.column}` },
    )
  }
}

/**
 * Loss and metrics of the validation rows by the values of a column: for whom the model is worse than its average.
 *
 * @example
 * (await sliceMetrics(learn, 'sex')).table().toText()
 */
export async function sliceMetrics(
  learn: RowLearner,
  column: string,
  options: SliceOptions = {},
): Promise<SliceMetrics> {
  checkOptions('sliceMetrics', options, ['ranges'])
  const rows = validRows(learn)
  const { dls, arrays } = rows
  const numeric = placesOf(dls, column).conts.length > 0
  const values = dls.rowsOf(arrays.slice(0, -1)).column(column)
  const names = numeric
    ? rangesOf(values.numbers(), options.ranges ?? 4)
    : values.values().map((v) => textOf(v) || '#na#')
  const groups = new Map<string, number[]>()
  for (const [i, name] of names.entries()) {
    const group = groups.get(name)
    if (group) group.push(i)
    else groups.set(name, [i])
  }
  const measure = async (name: string, at: Int32Array) => ({
    name,
    n: at.length,
    measured: await learn.validate(rows.loader(arrays, at)),
  })
  const whole = await measure(
    'all',
    Int32Array.from({ length: rows.n }, (_, i) => i),
  )
  const slices: Slice[] = []
  for (const [name, at] of groups) slices.push(await measure(name, Int32Array.from(at)))
  const loss = ({ measured }: Slice) => measured['valid_loss'] ?? 0
  return new SliceMetrics(column, [whole, ...slices.sort((a, b) => loss(b) - loss(a))])
}

/** The range of each number, by quantiles. */
function rangesOf(values: Float64Array, ranges: number): string[] {
  const sorted = values.filter((v) => !Number.isNaN(v)).sort()
  const bounds = Array.from(
    { length: ranges - 1 },
    (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / ranges)]!,
  )
  const cuts = [...new Set(bounds)]
  const text = (v: number) => String(Number(v.toPrecision(4)))
  return Array.from(values, (v) => {
    if (Number.isNaN(v)) return '#na#'
    const k = cuts.filter((b) => v >= b).length
    if (cuts.length === 0) return 'all'
    if (k === 0) return `below ${text(cuts[0]!)}`
    return k === cuts.length ? `from ${text(cuts[k - 1]!)}` : `${text(cuts[k - 1]!)} to ${text(cuts[k]!)}`
  })
}
