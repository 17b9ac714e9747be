import type { LearnerOptions } from '@espalier/core'
import { type DataLoaders, EspalierError, type NdArray } from '@espalier/data'

/** As many outputs as classes, unless a loss or a head of the user's own makes something else of them. */
export function checkOutputs(
  dls: DataLoaders<readonly NdArray[], unknown, unknown>,
  nOut: number | undefined,
  { lossFunc, customHead }: Pick<LearnerOptions, 'lossFunc'> & { readonly customHead?: unknown },
): void {
  const classes = dls.target?.vocab?.length
  if (nOut === undefined || classes === undefined || nOut === classes || lossFunc || customHead) return
  if (!Number.isInteger(nOut) || nOut < 1) return // The model says what is wrong with it.
  throw new EspalierError(
    'model/n-out',
    `the model would have ${nOut} outputs, the data has ${classes} classes`,
    {
      fix: 'leave nOut out, or pass the lossFunc that these outputs are for',
    },
  )
}
