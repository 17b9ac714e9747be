import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { EspalierError, reasonOf } from '@espalier/data'
import { columnOf, joinTexts } from '../tokenize/join-texts.js'
import type { TokenSource } from '../tokenize/tokens.js'
import { type CsvOptions, type CsvRow, csvRows } from './csv-rows.js'
import { MemoryStore, type TokenStore } from './token-store.js'
import { batchesOf, cached, checked, collect, keyOf, type TokenizeOptions } from './tokenize-texts.js'
import { hire } from './workers/tokenizers.js'

/** How the texts of a table in a file are tokenized. */
export interface TokenizeCsvOptions extends TokenizeOptions, CsvOptions {
  /** Puts `xxfld` and its number before each of several columns. Default: where there are several. */
  readonly markFields?: boolean
}

/** The tokens of a table's texts, and its rows with nothing in the place of their texts. */
export interface TokenizedCsv {
  readonly rows: readonly CsvRow[]
  readonly tokens: TokenSource
}

/**
 * Tokenizes the texts of a table in a file while it is read (fastai's `tokenize_csv`): never more than a few batches of
 * them are in memory.
 *
 * @example
 * const { rows, tokens } = await tokenizeCsv('imdb.csv', 'text', { cache: 'cache' })
 */
export async function tokenizeCsv(
  path: string,
  textCols: string | number | readonly (string | number)[],
  options: TokenizeCsvOptions = {},
): Promise<TokenizedCsv> {
  const { markFields, header, delimiter, encoding, ...rest } = options
  const { processor, workers, cache } = checked('tokenizeCsv', rest)
  const form = {
    ...(header !== undefined && { header }),
    ...(delimiter !== undefined && { delimiter }),
    ...(encoding !== undefined && { encoding }),
  }
  let rows: CsvRow[] = []
  async function* texts(): AsyncGenerator<string> {
    rows = []
    for await (const { text, row } of csvTexts(path, textCols, {
      ...form,
      ...(markFields !== undefined && { markFields }),
    })) {
      yield text
      rows.push(row)
    }
  }
  const make = (store: TokenStore) => collect(hire(processor, workers ?? 0), batchesOf(texts()), store)
  if (cache === undefined) return { tokens: await make(new MemoryStore()), rows }
  const before = await hashOfFile(path)
  const key = keyOf(processor, JSON.stringify([before, textCols, markFields ?? null, form]))
  const tokens = await cached(cache, key, async (store) => {
    return collect(hire(processor, workers), batchesOf(texts()), {
      add: (ids, lens) => store.add(ids, lens),
      async finish(words) {
        if ((await hashOfFile(path)) !== before) throw changed(path)
        return store.finish(words)
      },
    })
  })
  if (rows.length === 0) for await (const _ of texts());
  if (rows.length === tokens.length) return { tokens, rows }
  throw changed(path)
}

/** The texts of a table in a file, and the rest of their rows, with nothing in the place of the texts. */
export async function* csvTexts(
  path: string,
  textCols: string | number | readonly (string | number)[],
  { markFields, ...form }: CsvOptions & { readonly markFields?: boolean },
): AsyncGenerator<{ readonly text: string; readonly row: CsvRow }> {
  let reading: { readonly cols: ReadonlySet<string>; textOf(row: object): string } | undefined
  for await (const row of csvRows(path, form)) {
    if (!reading) {
      const cols = [textCols].flat().map((col) => columnOf([row], col))
      reading = { cols: new Set(cols.map(String)), textOf: joinTexts(cols, markFields) }
    }
    const { cols, textOf } = reading
    const others = Object.entries(row).map(([name, cell]) => [name, cols.has(name) ? '' : cell])
    yield { text: textOf(row), row: Object.fromEntries(others) as CsvRow }
  }
}

function changed(path: string): EspalierError {
  return new EspalierError('text/changed', `'${path}' changed while its texts were tokenized`, {
    fix: 'tokenize them again when nobody writes to it',
  })
}

async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const part of createReadStream(path)) hash.update(part as Uint8Array)
  } catch (error) {
    throw new EspalierError('csv/unreadable', `reading '${path}': ${reasonOf(error)}`, {
      fix: 'say where the table lies: csvFname is relative to path',
      cause: error,
    })
  }
  return hash.digest('hex')
}
