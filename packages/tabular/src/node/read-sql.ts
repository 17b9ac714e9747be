import { checkOptions, describe, EspalierError, reasonOf } from '@espalier/data'
import { Frame } from '../frame/frame.js'
import { columnFromParts } from '../read/column-from-parts.js'
import { optionalPeer } from '../read/optional-peer.js'

/** Where a query runs, and what stands for its parameters. */
export interface ReadSqlOptions {
  /** A DuckDB file, which is only read. Default: none; queries may name CSV, JSON and Parquet files. */
  readonly database?: string
  /** The values of `$1`, `$2`, … or of `?`: never put them into the text of a query. */
  readonly values?: readonly (string | number | boolean | null)[]
}

/**
 * Runs a query and reads what comes of it; needs the package @duckdb/node-api.
 *
 * @example
 * await readSql("select job, avg(age) as age from 'people.parquet' where age > $1 group by job", { values: [18] })
 */
export async function readSql(query: string, options: ReadSqlOptions = {}): Promise<Frame> {
  checkOptions('readSql', options, ['database', 'values'])
  if (typeof query !== 'string') {
    throw new EspalierError('sql/query', `a query is a text, got ${describe(query)}`)
  }
  const { database, values = [] } = options
  const { DuckDBInstance } = await optionalPeer('@duckdb/node-api', 'SQL', () => import('@duckdb/node-api'))
  try {
    const instance = await DuckDBInstance.create(
      database ?? ':memory:',
      database ? { access_mode: 'READ_ONLY' } : {},
    )
    try {
      const connection = await instance.connect()
      try {
        const result = await connection.runAndReadAll(query, [...values])
        const types = result.columnTypes().map(String)
        const columns = result.getColumnsJS()
        return new Frame(
          new Map(
            result
              .columnNames()
              .map((name, i) => [
                name,
                columnFromParts(name, [columns[i]!], /^(FLOAT|DOUBLE|DECIMAL)/.test(types[i]!)),
              ]),
          ),
        )
      } finally {
        connection.closeSync()
      }
    } finally {
      instance.closeSync()
    }
  } catch (error) {
    if (error instanceof EspalierError) throw error
    throw new EspalierError('sql/failed', `the query failed: ${reasonOf(error)}`, { cause: error })
  }
}
