import { checkLoaders, type DataLoaders, EspalierError, type NdArray } from '@espalier/data'
import { LMDataLoader } from '../load/lm-data-loader.js'
import { SortedDL } from '../load/sorted-dl.js'

type Loaders = DataLoaders<readonly NdArray[], unknown, unknown>

/** Throws where a language model would be given texts one by one. */
export function checkStreams(dls: unknown): void {
  refuse(dls, SortedDL, {
    why: 'these loaders give each text with its label; a language model reads all texts as one stream',
    fix: 'make them with isLm: true, or a learner with textClassifierLearner',
  })
}

/** Throws where a classifier would be given a stream. */
export function checkTexts(dls: unknown): void {
  refuse(dls, LMDataLoader, {
    why: 'these loaders give all texts as one stream, without labels; a classifier needs each text with its label',
    fix: 'make them without isLm, or a learner with languageModelLearner',
  })
}

function refuse(
  dls: unknown,
  kind: typeof SortedDL | typeof LMDataLoader,
  { why, fix }: { readonly why: string; readonly fix: string },
): void {
  checkLoaders(dls)
  if ((dls as Loaders).train instanceof kind) throw new EspalierError('text/loaders', why, { fix })
}
