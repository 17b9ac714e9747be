import { EspalierError } from '@espalier/data'
import type { Loss } from './loss.js'

/**
 * Stands in an opened model for a function of the program that exported it: predictions need nothing of such a loss,
 * and what it computed is not known here.
 */
export const plainLoss: Loss = Object.assign(
  function plain(): never {
    throw new EspalierError('loss/plain', 'the loss of this model was a function that is not known here', {
      fix: "register one: registerPart('loss', name, make), with a loss whose toJSON gives its options, and export again",
    })
  },
  { toJSON: () => ({}) },
)
