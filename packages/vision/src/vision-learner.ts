import { Learner, type LearnerOptions, useEngine } from '@espalier/core'
import type { DataLoaders, NdArray } from '@espalier/data'
import { normalize } from './augment/normalize.js'
import { type BodyAndHead, metaOf } from './models/model-meta.js'
import type { Arch } from './models/vision-model.js'
import { type CreateVisionModelOptions, type GraftedModel, graft } from './vision-model.js'

/** The options of the model and of the learner together. */
export interface VisionLearnerOptions extends CreateVisionModelOptions, LearnerOptions<GraftedModel> {
  /** Default: as many as the target of the data needs. */
  readonly nOut?: number
  /** Adds the normalization that the pretrained body was trained with. Default true. */
  readonly normalize?: boolean
}

/**
 * A learner for images: a new head on a pretrained body, the body frozen at first (fastai's `vision_learner`, in the
 * book `cnn_learner`). Without pretrained weights nothing is frozen and nothing normalized.
 *
 * @example
 * using learn = await visionLearner(dls, mobilenetV2, { metrics: [errorRate] })
 * await learn.fineTune(4)
 */
export async function visionLearner<P>(
  dls: DataLoaders<readonly NdArray[], P, unknown>,
  arch: Arch,
  { nOut = dls.c, normalize: normalizes = true, ...options }: VisionLearnerOptions = {},
): Promise<Learner<GraftedModel, P>> {
  await useEngine()
  const { pretrained = true, nIn = 3 } = options
  const meta = metaOf(arch)
  const { batchTfms } = dls.train.options
  const already = batchTfms.some((t) => t.name === 'normalize')
  const normalizing = normalizes && pretrained && meta.stats?.mean.length === nIn && !already
  const seed = options.seed ?? dls.train.options.seed
  const { model, portable } = await graft(arch, nOut, { ...options, seed })
  const learn = new Learner(
    normalizing ? dls.with({ batchTfms: [...batchTfms, normalize(meta.stats)] }) : dls,
    model,
    {
      portable,
      splitter: (m) => meta.split(m as unknown as BodyAndHead),
      ...options,
    },
  )
  if (pretrained) learn.freeze()
  return learn
}

/** The name of {@link visionLearner} in the book. */
export const cnnLearner = visionLearner
