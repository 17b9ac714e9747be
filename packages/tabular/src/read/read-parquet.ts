import { checkOptions, EspalierError, reasonOf } from '@espalier/data'
import { Frame } from '../frame/frame.js'
import { missingColumn } from '../frame/missing-column.js'
import { columnFromParts } from './column-from-parts.js'
import { readBytes } from './open-file.js'

/** What is read of a Parquet file. */
export interface ParquetOptions {
  readonly columns?: readonly string[]
  /** Reads codecs besides Snappy and none, by their names in the file, such as those of `hyparquet-compressors`. */
  readonly compressors?: Readonly<Record<string, (input: Uint8Array, outputLength: number) => Uint8Array>>
  readonly name?: string
}

/** Reads the bytes of a Parquet file. */
export async function parseParquet(bytes: Uint8Array, options: ParquetOptions = {}): Promise<Frame> {
  checkOptions('readParquet', options, ['columns', 'compressors', 'name'])
  const { columns, compressors, name = 'the table' } = options
  const { parquetMetadata, parquetRead, parquetSchema } = await import('hyparquet')
  try {
    const file = bytes.slice().buffer
    const metadata = parquetMetadata(file)
    const fields = parquetSchema(metadata).children.map(({ element }) => element)
    const names = columns ?? fields.map((field) => field.name)
    const absent = names.find((column) => !fields.some((field) => field.name === column))
    if (absent !== undefined)
      throw missingColumn(
        absent,
        fields.map((field) => field.name),
        name,
      )
    const parts = new Map<string, ArrayLike<unknown>[]>(names.map((column) => [column, []]))
    await parquetRead({
      ...{ file, metadata, columns: [...names] },
      ...(compressors && { compressors }),
      onChunk: ({ columnName, columnData }) => parts.get(columnName)?.push(columnData),
    })
    const isFloat = (column: string) => {
      const type = fields.find((field) => field.name === column)?.type
      return type === 'FLOAT' || type === 'DOUBLE'
    }
    return new Frame(
      new Map([...parts].map(([column, p]) => [column, columnFromParts(column, p, isFloat(column))])),
    )
  } catch (error) {
    if (error instanceof EspalierError) throw error
    const codec = reasonOf(error).includes('compression')
    throw new EspalierError('parquet/read', `${name} cannot be read as Parquet: ${reasonOf(error)}`, {
      fix: codec
        ? 'give compressors, such as those of the package hyparquet-compressors'
        : 'check that the file is whole',
      cause: error,
    })
  }
}

/** Reads a Parquet file, all of it or some columns. */
export async function readParquet(path: string, options: ParquetOptions = {}): Promise<Frame> {
  return parseParquet(await readBytes(path), { name: `'${path}'`, ...options })
}
