import { checkOptions, describe, EspalierError, reasonOf } from '@espalier/data'
import { columnOf } from '../frame/column-of.js'
import { Frame } from '../frame/frame.js'
import { own } from '../frame/own.js'
import { openFile } from './open-file.js'

/** How rows are called in messages, and which columns are read. */
export interface JsonLinesOptions {
  readonly columns?: readonly string[]
  readonly name?: string
}

/** Reads rows that are written as an object of JSON in each line; a key that a row does not have is missing there. */
export async function parseJsonLines(
  source: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: JsonLinesOptions = {},
): Promise<Frame> {
  checkOptions('readJsonLines', options, ['columns', 'name'])
  const { columns, name = 'the table' } = options
  const values = new Map<string, unknown[]>(columns?.map((column) => [column, []]))
  let [row, line] = [0, 0]
  for await (const text of linesOf(source)) {
    line++
    if (text.trim() === '') continue
    const read = rowOf(text, line, name)
    if (!columns)
      for (const key of Object.keys(read)) if (!values.has(key)) values.set(key, new Array(row).fill(null))
    for (const [key, list] of values) list.push(own(read, key) ?? null)
    row++
  }
  return new Frame(new Map([...values].map(([key, list]) => [key, columnOf(list, key)])))
}

/**
 * Reads a file with an object of JSON in each line.
 *
 * @example
 * const frame = await readJsonLines('events.jsonl')
 */
export function readJsonLines(path: string, options: JsonLinesOptions = {}): Promise<Frame> {
  return parseJsonLines(openFile(path), { name: `'${path}'`, ...options })
}

function rowOf(text: string, line: number, name: string): Readonly<Record<string, unknown>> {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (error) {
    throw new EspalierError('json/line', `line ${line} of ${name} is no JSON: ${reasonOf(error)}`, {
      fix: 'write an object in each line, without commas between lines',
      cause: error,
    })
  }
  if (typeof read === 'object' && read !== null && !Array.isArray(read))
    return read as Record<string, unknown>
  throw new EspalierError('json/line', `line ${line} of ${name} holds ${describe(read)}, not an object`, {
    fix: 'write an object with a key for each column in each line',
  })
}

async function* linesOf(source: string | Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  if (typeof source === 'string') {
    yield* source.replace(/^\uFEFF/, '').split('\n')
    return
  }
  const decoder = new TextDecoder('utf-8')
  let rest = ''
  for await (const piece of source instanceof Uint8Array ? [source] : source) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  yield rest + decoder.decode()
}
