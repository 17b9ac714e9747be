import { checkOptions, describe, EspalierError } from '@espalier/data'
import type { ColumnKind } from '../frame/column.js'

/** How a table of text is read. */
export interface CsvOptions {
  /** What lies between two cells, one ASCII character. Default a comma. */
  readonly delimiter?: string
  /** False where the first line is a row as well: columns are then numbered from 0. A list names them. Default true. */
  readonly header?: boolean | readonly string[]
  /** The texts that stand for a missing cell, in place of the usual ones ({@link usualNa}). */
  readonly naValues?: readonly string[]
  /** What columns hold, where it is not to be told from their first rows. */
  readonly types?: Readonly<Record<string, ColumnKind>>
  /** The form of dates in some columns, such as `{ sold: 'DD.MM.YYYY' }`. Default: ISO 8601 is recognized. */
  readonly dates?: Readonly<Record<string, string>>
  /** Reads these columns alone. */
  readonly columns?: readonly string[]
  /** Reads so many rows and no more. */
  readonly nRows?: number
  /** Takes spaces around cells away. Default false. */
  readonly trim?: boolean
  /** What an infinite number is: an error that names it, a missing value, or kept. Default `'error'`. */
  readonly infinite?: 'error' | 'missing' | 'keep'
  /** From how many rows kinds are told. Default 10,000. */
  readonly inferRows?: number
  /** More columns than this are taken for another delimiter's. Default 100,000. */
  readonly maxColumns?: number
  /** How the table is called in messages. */
  readonly name?: string
}

/** What stands for a missing cell unless it is said. */
export const usualNa: readonly string[] = [
  ...['', 'NA', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', '-NaN', '-nan', 'NULL', 'null', 'None', '<NA>'],
]

/** Options with nothing left open. */
export type CsvPlan = Required<Omit<CsvOptions, 'columns'>> & Pick<CsvOptions, 'columns'>

/** Fills in what is not said, and throws where an option is wrong. */
export function csvPlan(options: CsvOptions = {}): CsvPlan {
  const plan: CsvPlan = { ...usual, ...options }
  checkOptions('readCsv', options, [...Object.keys(usual), 'columns'])
  const { delimiter } = plan
  if (delimiter.length !== 1 || delimiter.charCodeAt(0) > 126 || /["\r\n]/.test(delimiter)) {
    throw new EspalierError(
      'csv/delimiter',
      `the delimiter must be one ASCII character, got ${describe(delimiter)}`,
      {
        fix: "say delimiter: ';', or '\\t' for tabs",
      },
    )
  }
  if (!['error', 'missing', 'keep'].includes(plan.infinite)) {
    throw new EspalierError(
      'csv/option',
      `infinite must be 'error', 'missing' or 'keep', got ${describe(plan.infinite)}`,
    )
  }
  for (const [name, kind] of Object.entries(plan.types)) {
    if (['number', 'text', 'bool', 'date'].includes(kind)) continue
    throw new EspalierError('csv/option', `types: column '${name}' cannot be ${describe(kind)}`, {
      fix: "say 'number', 'text', 'bool' or 'date'",
    })
  }
  return plan
}

const usual: Required<Omit<CsvOptions, 'columns'>> = {
  ...{ delimiter: ',', header: true, naValues: usualNa, types: {}, dates: {} },
  ...{ nRows: Number.POSITIVE_INFINITY, trim: false, infinite: 'error', inferRows: 10_000 },
  ...{ maxColumns: 100_000, name: 'the table' },
}
