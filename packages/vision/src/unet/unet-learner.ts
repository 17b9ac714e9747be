import {
  batchTensors,
  Learner,
  type LearnerOptions,
  learnerOptionNames,
  setupTransforms,
  tf,
  useEngine,
} from '@espalier/core'
import { checkLoaders, checkOptions, type DataLoaders, EspalierError, type NdArray } from '@espalier/data'
import { checkOutputs } from '../check-outputs.js'
import { checkArch } from '../models/check-arch.js'
import { metaOf } from '../models/model-meta.js'
import type { Arch } from '../models/vision-model.js'
import { normalizedFor } from '../normalized.js'
import { orDispose } from '../or-dispose.js'
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
  const pictures = imgSize ? undefined : await picturesOf(dls)
  const model = await makeUnet(arch, outputs, imgSize ?? pictures!.size, { ...options, seed })
  return orDispose(model, () => {
    if (pictures) checkChannels(pictures.channels, model.plan.nIn)
    const learn = new Learner(normalize ? normalizedFor(dls, meta, options) : dls, model, {
      splitter: (m) => meta.split(m.bodyAndHead()),
      ...options,
    })
    if (pretrained) learn.freeze()
    return learn
  })
}

const optionNames = ['nOut', 'normalize', 'imgSize', ...makeUnetOptionNames, ...learnerOptionNames]

/** Size and channels of the pictures that the model will get, and whether masks are of their size. */
async function picturesOf(
  dls: DataLoaders<readonly NdArray[], unknown, unknown>,
): Promise<{ readonly size: readonly [height: number, width: number]; readonly channels: number }> {
  const batch = await dls.oneBatch()
  const { batchTfms } = dls.train.options
  if (batchTfms.some((t) => 'setup' in t)) setupTransforms(batch, batchTfms)
  let shapes: (readonly number[])[] = []
  tf.tidy(() => {
    shapes = batchTensors(batch, batchTfms).map((t) => t.shape)
  })
  const [shape = []] = shapes
  const [, height, width, channels] = shape
  if (shape.length !== 4 || !height || !width || !channels) {
    throw new EspalierError(
      'unet/images',
      `a U-Net reads pictures [b, h, w, c], these loaders give [${shape}]`,
      { fix: 'make the first block an imageBlock()' },
    )
  }
  const mask = shapes.find((_, i) => batch.arrays[i]?.kind === 'mask')
  if (mask && (mask[1] !== height || mask[2] !== width)) {
    throw new EspalierError(
      'unet/mask-size',
      `the pictures are ${width}×${height} px, their masks ${mask[2]}×${mask[1]} px`,
      { fix: `bring both to one size: itemTfms: [resize([${height}, ${width}])]` },
    )
  }
  return { size: [height, width], channels }
}

const counted = (n: number) => (n === 1 ? '1 channel' : `${n} channels`)

function checkChannels(channels: number, nIn: number): void {
  if (channels === nIn) return
  const block =
    nIn === 3 ? 'imageBlock()' : nIn === 1 ? 'imageBlock({ grey: true })' : `imageBlock({ channels: ${nIn} })`
  throw new EspalierError(
    'unet/channels',
    `the pictures have ${counted(channels)}, the model would take ${nIn}`,
    { fix: `say nIn: ${channels}, or read ${counted(nIn)}: ${block}` },
  )
}
