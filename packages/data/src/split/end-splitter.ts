import { checkOptions } from '../check-options.js'
import { checkShare } from './share.js'
import type { Splitter } from './splitter.js'

/** How many items an {@link endSplitter} holds out, and from which end. */
export interface EndSplitterOptions {
  /** The share of the items that validates, rounded down. Default 0.2. */
  readonly validPct?: number
  /** False validates on the first items. Default true. */
  readonly validLast?: boolean
}

/** Validates on the last items, as for what is ordered by time, or on the first ones (fastai's `EndSplitter`). */
export function endSplitter(options: EndSplitterOptions = {}): Splitter {
  checkOptions('endSplitter', options, ['validPct', 'validLast'])
  const { validPct = 0.2, validLast = true } = options
  checkShare('endSplitter', 'validPct', validPct)
  return (items) => {
    const all = items.map((_, i) => i)
    const n = Math.floor(validPct * all.length)
    const cut = validLast ? all.length - n : n
    return validLast ? [all.slice(0, cut), all.slice(cut)] : [all.slice(cut), all.slice(0, cut)]
  }
}
