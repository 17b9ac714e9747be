import { batchTensors, Learner, type LearnerOptions, setupTransforms, tf, useEngine } from '@espalier/core'
import { checkLoaders, checkOptions, type DataLoaders, EspalierError, type NdArray } from '@espalier/data'
import { checkOutputs } from '../check-outputs.js'
import { checkArch } from '../models/check-arch.js'
import { metaOf } from '../models/model-meta.js'
import type { Arch } from '../models/vision-model.js'
import { normalizedFor } from '../normalized.js'
import { orDispose } from '../or-dispose.js'
import { learnerOptionNames } from '../vision-learner.js'
import { type CreateUnetOptions, makeUnet, makeUnetOptionNames } from './create-unet-model.js'
import type { DynamicUnet } from './dynamic-unet.js'

/** The options of the model and of the learner together. */
export interface UnetLearnerOptions extends CreateUnetOptions, LearnerOptions<DynamicUnet> {
  /** Default: as many as the target of the data needs. */
  readonly nOut?: number
  /** Adds the normalization that the pretrained body was trained with. Default true. */
  readonly normalize?: boolean
  /** `[height, width]` of the pictures that the model gets. Default: of the first training batch. */
  readonly imgSize?: readonly [height: number, width: number]
}

/**
 * A learner for masks, or for pictures made of pictures: a U-Net on a pretrained body, the body frozen at first
 * (fastai's `unet_learner`). Without pretrained weights nothing is frozen and nothing normalized.
 *
 * @example
 * using learn = await unetLearner(dls, resnet34, { metrics: [foregroundAcc({ bkgIdx: codes.indexOf('Void') })] })
 * await learn.fineTune(6)
 */
export async function unetLearner<P>(
  dls: DataLoaders<readonly NdArray[], P, unknown>,
  arch: Arch,
  { nOut, normalize = true, imgSize, ...options }: UnetLearnerOptions = {},
): Promise<Learner<DynamicUnet, P>> {
  checkLoaders(dls)
  checkArch(arch)
  checkOptions('unetLearner', { nOut, normalize, imgSize, ...options }, optionNames)
  checkOutputs(dls, nOut, options)
  await useEngine()
  const meta = metaOf(arch)
  const { pretrained = true } = options
  const seed = options.seed ?? dls.train.options.seed
  const outputs = nOut ?? dls.c
  const { model, portable } = await makeUnet(arch, outputs, imgSize ?? (await sizeOf(dls)), {
    ...options,
    seed,
  })
  return orDispose(model, () => {
    const learn = new Learner(normalize ? normalizedFor(dls, meta, options) : dls, model, {
      portable,
      splitter: (m) => meta.split(m.bodyAndHead()),
      ...options,
    })
    if (pretrained) learn.freeze()
    return learn
  })
}

const optionNames = [
  'nOut',
  'normalize',
  'imgSize',
  ...makeUnetOptionNames,
  ...Object.keys(learnerOptionNames),
]

/** Height and width of what the model will get: of a batch, as its transforms leave it. */
async function sizeOf(dls: DataLoaders<readonly NdArray[], unknown, unknown>): Promise<[number, number]> {
  const batch = await dls.oneBatch()
  const { batchTfms } = dls.train.options
  if (batchTfms.some((t) => 'setup' in t)) setupTransforms(batch, batchTfms)
  let shape: readonly number[] = []
  tf.tidy(() => {
    shape = batchTensors(batch, batchTfms)[0]?.shape ?? []
  })
  const [, height, width] = shape
  if (shape.length === 4 && height && width) return [height, width]
  throw new EspalierError(
    'unet/images',
    `a U-Net reads pictures [b, h, w, c], these loaders give [${shape}]`,
    {
      fix: 'make the first block an imageBlock()',
    },
  )
}
