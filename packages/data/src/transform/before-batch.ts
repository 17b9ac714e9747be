import { describe } from '../describe.js'
import { EspalierError, reasonOf } from '../errors.js'
import type { Portable } from '../json.js'
import { byOrder, runsOn } from './transform.js'

/** The elements of one sample. */
export type Sample = readonly unknown[]

/**
 * A step on the samples of a batch before they are stacked (fastai's `before_batch`), such as padding texts to one
 * length. It returns as many samples as it was given.
 */
export interface BeforeBatch extends Portable {
  readonly order?: number
  readonly splitIdx?: number
  encodeSamples(samples: readonly Sample[]): readonly Sample[]
}

/** Applies the steps in order. */
export function applyBeforeBatch(
  steps: readonly BeforeBatch[],
  samples: readonly Sample[],
  split: number,
): readonly Sample[] {
  return byOrder(steps)
    .filter((t) => runsOn(t, split))
    .reduce((all, t) => checkedSamples(t, all), samples)
}

function checkedSamples(t: BeforeBatch, samples: readonly Sample[]): readonly Sample[] {
  let made: readonly Sample[]
  try {
    made = t.encodeSamples(samples)
  } catch (error) {
    if (error instanceof EspalierError) throw error
    throw new EspalierError('loader/before-batch', `${t.name} failed on a batch: ${reasonOf(error)}`, {
      cause: error,
    })
  }
  if (Array.isArray(made) && made.length === samples.length && made.every(Array.isArray)) return made
  throw new EspalierError(
    'loader/before-batch',
    `${t.name} made ${describe(made)} of a batch of ${samples.length} samples`,
    { fix: 'encodeSamples must return a list of elements for each sample' },
  )
}
