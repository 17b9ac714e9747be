import { EspalierError, reasonOf } from '@espalier/data'
import { Frame } from '../frame/frame.js'
import { columnFromParts } from './column-from-parts.js'
import { readBytes } from './open-file.js'
import { optionalPeer } from './optional-peer.js'

/** What is asked of a table of the package apache-arrow. */
export interface ArrowTable {
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: unknown }[] }
  getChildAt(i: number): Iterable<unknown> | null
}

/** A frame of a table of Arrow; dates and timestamps become dates. */
export function fromArrow(table: ArrowTable): Frame {
  return new Frame(
    new Map(
      table.schema.fields.map(({ name, type }, i) => {
        const kind = String(type)
        const values = Array.from(table.getChildAt(i) ?? [])
        const moments = /^(Timestamp|Date)/.test(kind)
        const read = moments ? values.map((v) => (v === null ? null : new Date(Number(v)))) : values
        return [name, columnFromParts(name, [read], /^Float/.test(kind))]
      }),
    ),
  )
}

/** Reads the bytes of an Arrow file or stream; needs the package apache-arrow. */
export async function parseArrow(bytes: Uint8Array, name = 'the table'): Promise<Frame> {
  const { tableFromIPC } = await optionalPeer('apache-arrow', 'reading Arrow', () => import('apache-arrow'))
  let table: ArrowTable
  try {
    table = tableFromIPC(bytes) as unknown as ArrowTable
  } catch (error) {
    throw new EspalierError('arrow/read', `${name} cannot be read as Arrow: ${reasonOf(error)}`, {
      cause: error,
    })
  }
  return fromArrow(table)
}

/** Reads a file of Arrow's IPC or stream format; needs the package apache-arrow. */
export async function readArrow(path: string): Promise<Frame> {
  return parseArrow(await readBytes(path), `'${path}'`)
}
