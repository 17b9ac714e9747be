import { Learner, type LearnerOptions, useEngine } from '@espalier/core'
import { checkLoaders, type DataLoaders, EspalierError, type NdArray } from '@espalier/data'
import { normalize } from './augment/normalize.js'
import { checkArch } from './models/check-arch.js'
import { type BodyAndHead, metaOf } from './models/model-meta.js'
import type { Arch } from './models/vision-model.js'
import { orDispose } from './or-dispose.js'
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
  { nOut, normalize: normalizes = true, ...options }: VisionLearnerOptions = {},
): Promise<Learner<GraftedModel, P>> {
  checkLoaders(dls)
  checkArch(arch)
  checkOutputs(dls, nOut, options)
  await useEngine()
  const { pretrained = true, nIn = 3 } = options
  const meta = metaOf(arch)
  const { batchTfms } = dls.train.options
  const already = batchTfms.some((t) => t.name === 'normalize')
  const normalizing = normalizes && pretrained && meta.stats?.mean.length === nIn && !already
  const seed = options.seed ?? dls.train.options.seed
  const { model, portable } = await graft(arch, nOut ?? dls.c, { ...options, seed })
  return orDispose(model, () => {
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
  })
}

/** As many outputs as classes, unless a loss or a head of the user's own makes something else of them. */
function checkOutputs(
  dls: DataLoaders<readonly NdArray[], unknown, unknown>,
  nOut: number | undefined,
  { lossFunc, customHead }: VisionLearnerOptions,
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

/** The name of {@link visionLearner} in the book. */
export const cnnLearner = visionLearner
