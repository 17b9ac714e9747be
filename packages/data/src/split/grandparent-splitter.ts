import { checkOptions } from '../check-options.js'
import { EspalierError, listed } from '../errors.js'
import { pathOf } from '../label/path-of.js'
import type { Splitter } from './splitter.js'

/** The names of the folders that a {@link grandparentSplitter} looks for. */
export interface GrandparentSplitterOptions {
  /** Default `'train'`. */
  readonly train?: string | readonly string[]
  /** Default `'valid'`. */
  readonly valid?: string | readonly string[]
}

/**
 * Splits by the folder above the label's folder (fastai's `GrandparentSplitter`): `train/cat/1.jpg` trains,
 * `valid/cat/2.jpg` validates, anything else is left out.
 */
export function grandparentSplitter(options: GrandparentSplitterOptions = {}): Splitter<string> {
  checkOptions('grandparentSplitter', options, ['train', 'valid'])
  const { train = 'train', valid = 'valid' } = options
  const under = (items: readonly string[], names: string | readonly string[]) =>
    items.flatMap((path, i) => ([names].flat().includes(grandparent(path)) ? [i] : []))
  return (items) => {
    const splits = [under(items, train), under(items, valid)] as const
    for (const [i, names] of [train, valid].entries()) {
      if (items.length > 0 && splits[i]!.length === 0) throw nothingUnder(names, items)
    }
    return splits
  }
}

function nothingUnder(names: string | readonly string[], items: readonly string[]): EspalierError {
  const there = [...new Set(items.map(grandparent))].filter((name) => name !== '')
  return new EspalierError(
    'split/grandparent',
    `grandparentSplitter: no item lies under ${listed([names].flat())}, such as ${[names].flat()[0]}/cat/1.jpg`,
    {
      fix: there.length
        ? `two folders above the items are ${listed(there)}: name them with { train, valid }, or use another splitter`
        : 'use another splitter, such as randomSplitter()',
    },
  )
}

function grandparent(path: string): string {
  return pathOf('grandparentSplitter', path).split('/').at(-3) ?? ''
}
