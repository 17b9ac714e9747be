import type { DataLoaders, NdArray } from '@espalier/data'
import { normalize } from './augment/normalize.js'
import type { BodyOptions } from './body.js'
import type { ModelMeta } from './models/model-meta.js'

/** Loaders that normalize pictures as a pretrained body wants them, unless they do or the body is not pretrained. */
export function normalizedFor<P, S>(
  dls: DataLoaders<readonly NdArray[], P, S>,
  { stats }: ModelMeta,
  { pretrained = true, nIn = 3 }: BodyOptions,
): DataLoaders<readonly NdArray[], P, S> {
  const { batchTfms } = dls.train.options
  const wanted = pretrained && stats?.mean.length === nIn && !batchTfms.some((t) => t.name === 'normalize')
  return wanted ? dls.with({ batchTfms: [...batchTfms, normalize(stats)] }) : dls
}
