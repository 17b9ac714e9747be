import { basename, join } from 'node:path'
import { accuracy, type Learner } from '@espalier/core'
import { indexSplitter } from '@espalier/data'
import {
  augTransforms,
  getImageFiles,
  ImageDataLoaders,
  imagenetStats,
  normalize,
  resize,
  resnet18,
  visionLearner,
} from '@espalier/vision'
import { type LearnedOptions, learnOnce } from './learned.js'

const bs = 32
const breedOf = (photo: string) => /^(.*)_\d+\.jpg$/.exec(basename(photo))![1]!

/** An epoch of resnet18 on the photos of pets, from files to weights. */
export async function petsE2e(options: LearnedOptions) {
  const photos = [...(await getImageFiles(join(options.data, 'pets/images')))].sort((a, b) =>
    basename(a) < basename(b) ? -1 : 1,
  )
  const dls = await ImageDataLoaders.fromPathFunc(photos, breedOf, {
    splitter: indexSplitter(photos.flatMap((_, i) => (i % 5 === 0 ? [i] : []))),
    bs,
    seed: options.seed,
    itemTfms: [resize(160)],
    batchTfms: [...augTransforms({ size: 128 }), normalize(imagenetStats)],
  })
  using learn = await visionLearner(dls, resnet18, {
    pretrained: false,
    metrics: [accuracy],
    seed: options.seed,
    verbose: false,
  })
  learn.unfreeze()
  return await learnOnce(learn as unknown as Learner, options, bs)
}
