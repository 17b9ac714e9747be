import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type Splitter, splitAt } from './splitter.js'

/** Validates on the items at which `mask` is true (fastai's `MaskSplitter`). */
export function maskSplitter(mask: readonly boolean[]): Splitter {
  const wrong = Array.isArray(mask) ? mask.findIndex((m) => typeof m !== 'boolean') : undefined
  if (wrong !== -1) {
    throw new EspalierError(
      'split/mask',
      `maskSplitter takes a list of booleans, got ${wrong === undefined ? describe(mask) : `${describe(mask[wrong])} at ${wrong}`}`,
      { fix: 'say maskSplitter(rows.map((row) => row.isValid === 1))' },
    )
  }
  return (items) => {
    if (mask.length !== items.length) {
      throw new EspalierError('split/mask', `the mask has ${mask.length} entries for ${items.length} items`, {
        fix: 'give one for each item, in their order',
      })
    }
    return splitAt(
      items.length,
      mask.flatMap((held, i) => (held ? [i] : [])),
    )
  }
}
