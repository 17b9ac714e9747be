import { EspalierError, itemId, type Transform } from '@espalier/data'
import type { SiamesePair } from './pair-pool.js'

/** What pairs are called, in the order of the model's outputs: false, true. */
export const sameLabels: readonly string[] = ['different', 'same']

/** The label of a pair. */
export function labelOfPair(): Transform<SiamesePair<unknown>, string> {
  return {
    name: 'labelOfPair',
    local: true,
    accepts: Array.isArray,
    encode(pair) {
      const same: unknown = pair[2]
      if (typeof same === 'boolean') return sameLabels[Number(same)]!
      throw new EspalierError(
        'siamese/label',
        `nothing says whether ${itemId(pair[0])} and ${itemId(pair[1])} are the same`,
        { fix: 'give it beside them: [one, other, true]' },
      )
    },
  }
}
