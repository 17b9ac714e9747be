import { type Figure, plotFigure, Table } from '@espalier/core'
import { checkOptions, EspalierError, type NdArray } from '@espalier/data'
import { textOf } from '../frame/table-of.js'
import { placesOf, type RowLearner, type ValidRows, validRows, withColumn } from './valid-rows.js'

/** What the model gives on the average when a column has a value. */
export interface DependencePoint {
  readonly value: number | string
  /** The mean prediction: a number for each output, such as the probability of each class. */
  readonly outputs: readonly number[]
}

/** At how many values it is looked. */
export interface DependenceOptions {
  /** Of a continuous column: quantiles of the validation rows. Default 20. */
  readonly points?: number
  /** Rows that are averaged over, the first ones. Default 1000. */
  readonly maxRows?: number
}

/** Mean predictions over the values of a column. */
export class PartialDependence {
  constructor(
    readonly column: string,
    /** What the outputs are: classes, labels or columns. */
    readonly outputs: readonly string[],
    readonly points: readonly DependencePoint[],
  ) {}

  table(): Table {
    return new Table(
      [this.column, ...this.outputs],
      this.points.map(({ value, outputs }) => [value, ...outputs]),
    )
  }

  plot(): Figure {
    const { column, outputs, points } = this
    const long = points.flatMap(({ value, outputs: means }) =>
      // Of two classes the second tells everything.
      outputs.flatMap((output, i) =>
        outputs.length === 2 && i === 0 ? [] : [{ value, mean: means[i]!, output }],
      ),
    )
    const categories = typeof points[0]?.value === 'string'
    const channels = { x: 'value', y: 'mean', stroke: 'output' }
    return plotFigure(
      (plot) => ({
        marginBottom: categories ? 90 : 40,
        x: { label: column, ...(categories && { type: 'point', tickRotate: -40 }) },
        y: { label: '↑ mean prediction', grid: true },
        color: { legend: true },
        marks: [
          ...(categories ? [] : [plot.lineY(long, channels)]),
          plot.dot(long, { x: 'value', y: 'mean', fill: 'output', r: categories ? 4 : 2 }),
        ],
      }),
      { alt: `mean prediction over ${column}` },
    )
  }
}

/**
 * Gives all validation rows the same value of a column, one value after the other, and averages what the model predicts
 * (Friedman 2001). Where columns go together, some of these rows are none that could be.
 *
 * @example
 * const age = await partialDependence(learn, 'age')
 * age.table().toText()
 */
export async function partialDependence(
  learn: RowLearner,
  column: string,
  options: DependenceOptions = {},
): Promise<PartialDependence> {
  checkOptions('partialDependence', options, ['points', 'maxRows'])
  const { points = 20, maxRows = 1000 } = options
  const rows = validRows(learn)
  const { dls } = rows
  const places = placesOf(dls, column)
  const own = { cats: places.cats.slice(0, places.conts.length ? 0 : 1), conts: places.conts }
  const values = own.conts.length > 0 ? quantiles(rows, own.conts[0]!, points) : codes(rows, column)
  const some = Int32Array.from({ length: Math.min(maxRows, rows.n) }, (_, i) => i)
  const found: DependencePoint[] = []
  for (const value of values) {
    const altered = withColumn(rows, own, () => value)
    const { preds } = await learn.getPreds({ dl: rows.loader(altered, some), withDecoded: false })
    found.push({ value: rawValue(rows, altered, column), outputs: means(preds) })
  }
  return new PartialDependence(column, outputNames(rows, found[0]?.outputs.length ?? 0), found)
}

/** Distinct quantiles of a column of numbers. */
function quantiles({ dls, arrays, n }: ValidRows, c: number, points: number): number[] {
  if (!Number.isInteger(points) || points < 2) {
    throw new EspalierError(
      'tabular/points',
      `partialDependence: points must be a whole number ≥ 2, got ${points}`,
    )
  }
  const { data, shape } = arrays[Number(dls.catNames.length > 0)]!
  const sorted = Float64Array.from({ length: n }, (_, i) => data[i * shape[1]! + c]!).sort()
  const picked = Array.from({ length: points }, (_, k) => sorted[Math.round((k * (n - 1)) / (points - 1))]!)
  return [...new Set(picked)]
}

/** All codes of a column but that of the unknown. */
function codes({ dls }: ValidRows, column: string): number[] {
  return dls.classes[column]!.slice(1).map((_, i) => i + 1)
}

/** The value that all rows have now, as it was in the data. */
function rawValue({ dls }: ValidRows, altered: readonly NdArray[], column: string): number | string {
  const first = altered.map((a) => ({
    ...a,
    shape: [1, ...a.shape.slice(1)],
    data: a.data.slice(0, a.shape[1] ?? 1),
  }))
  const unflagged = withColumn({ dls, arrays: first as NdArray[] }, flagOf(dls, column), () => 1)
  const value = dls.rowsOf(unflagged).column(column).at(0)
  return typeof value === 'number' ? value : textOf(value)
}

/** The place of a column's flag for missing values, which would hide the value. */
function flagOf(dls: ValidRows['dls'], column: string) {
  const { cats, conts } = placesOf(dls, column)
  return { cats: cats.slice(conts.length ? 0 : 1), conts: [] }
}

function means({ data, shape }: NdArray): number[] {
  const width = data.length / shape[0]!
  const sums = new Float64Array(width)
  for (let i = 0; i < data.length; i++) sums[i % width]! += data[i]!
  return [...sums].map((s) => s / shape[0]!)
}

/** What the outputs of a model are called. */
function outputNames({ dls }: Pick<ValidRows, 'dls'>, n: number): readonly string[] {
  const { vocab } = dls.target ?? {}
  if (vocab?.length === n) return vocab
  return dls.yNames.length === n ? dls.yNames : Array.from({ length: n }, (_, i) => `output ${i}`)
}
