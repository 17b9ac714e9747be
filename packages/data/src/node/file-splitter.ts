import { readFile } from 'node:fs/promises'
import { EspalierError, listed, reasonOf } from '../errors.js'
import { pathOf } from '../label/path-of.js'
import { type Splitter, splitAt } from '../split/splitter.js'

/**
 * Validates on the files whose names a text file lists, one a line (fastai's `FileSplitter`). A list of which no item
 * has a name is an error: it belongs to other files.
 *
 * @example
 * dataBlock({ …, splitter: await fileSplitter('camvid/valid.txt') })
 */
export async function fileSplitter(listFile: string): Promise<Splitter<string>> {
  const names = await namesIn(listFile)
  return (items) => {
    const valid = items.flatMap((item, i) => (names.has(nameOf(item)) ? [i] : []))
    if (valid.length === 0 && items.length > 0) {
      throw new EspalierError(
        'split/file',
        `no item has one of the ${names.size} names in '${listFile}': ${listed([...names], 3)}`,
        {
          fix: `the items are called ${listed(items.map(nameOf), 3)}; names are compared with their endings`,
        },
      )
    }
    return splitAt(items.length, valid)
  }
}

async function namesIn(listFile: string): Promise<ReadonlySet<string>> {
  const text = await readFile(listFile, 'utf8').catch((cause: unknown) => {
    throw new EspalierError('split/file', `cannot read '${listFile}': ${reasonOf(cause)}`, {
      fix: 'give a text file that names one validation file a line',
      cause,
    })
  })
  return new Set(
    text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line) => nameOf(line.trim())),
  )
}

function nameOf(path: string): string {
  return pathOf('fileSplitter', path).split('/').at(-1)!
}
