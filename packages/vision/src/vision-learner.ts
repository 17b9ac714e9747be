import { Learner, type LearnerOptions, learnerOptionNames, useEngine } from '@espalier/core'
import { checkLoaders, checkOptions, type DataLoaders, type NdArray } from '@espalier/data'
import { checkOutputs } from './check-outputs.js'
import { checkArch } from './models/check-arch.js'
import { type BodyAndHead, metaOf } from './models/model-meta.js'
import type { Arch } from './models/vision-model.js'
import { normalizedFor } from './normalized.js'
import { orDispose } from './or-dispose.js'
import { type CreateVisionModelOptions, type GraftedModel, graft, graftOptionNames } from './vision-model.js'

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
  { nOut, normalize = true, ...options }: VisionLearnerOptions = {},
): Promise<Learner<GraftedModel, P>> {
  checkLoaders(dls)
  checkArch(arch)
  checkOptions('visionLearner', { nOut, normalize, ...options }, optionNames)
  checkOutputs(dls, nOut, options)
  await useEngine()
  const { pretrained = true } = options
  const meta = metaOf(arch)
  const seed = options.seed ?? dls.train.options.seed
  const model = await graft(arch, nOut ?? dls.c, { ...options, seed })
  return orDispose(model, () => {
    const learn = new Learner(normalize ? normalizedFor(dls, meta, options) : dls, model, {
      splitter: (m) => meta.split(m as unknown as BodyAndHead),
      ...options,
    })
    if (pretrained) learn.freeze()
    return learn
  })
}

const optionNames = ['nOut', 'normalize', ...graftOptionNames, ...learnerOptionNames]

/** The name of {@link visionLearner} in the book. */
export const cnnLearner = visionLearner
