import { basename, dirname, join } from 'node:path'
import { foregroundAcc, type Learner } from '@espalier/core'
import { indexSplitter } from '@espalier/data'
import {
  getImageFiles,
  imagenetStats,
  normalize,
  resize,
  resnet18,
  SegmentationDataLoaders,
  unetLearner,
} from '@espalier/vision'
import { type LearnedOptions, learnOnce } from './learned.js'

const bs = 8
const names = 'Sky Building Pole Road Pavement Tree SignSymbol Fence Car Pedestrian Bicyclist Void'
const codes = names.split(' ')

const maskOf = (photo: string) => join(`${dirname(photo)}annot`, basename(photo).replace(/\.jpg$/, '.png'))

/** An epoch of a U-Net on 64 photos of streets, scored without the class Void. */
export async function unetCamvid(options: LearnedOptions) {
  const first = async (part: string, n: number) =>
    [...(await getImageFiles(join(options.data, 'camvid', part)))].sort().slice(0, n)
  const photos = [...(await first('train', 64)), ...(await first('val', 16))]
  const dls = await SegmentationDataLoaders.fromLabelFunc(photos, maskOf, {
    codes,
    splitter: indexSplitter(Array.from({ length: 16 }, (_, i) => 64 + i)),
    bs,
    seed: options.seed,
    itemTfms: [resize([180, 240])],
    batchTfms: [normalize(imagenetStats)],
  })
  using learn = await unetLearner(dls, resnet18, {
    pretrained: false,
    nOut: codes.length,
    metrics: [foregroundAcc({ bkgIdx: codes.indexOf('Void'), name: 'accuracy' })],
    seed: options.seed,
    verbose: false,
  })
  learn.unfreeze()
  return await learnOnce(learn as unknown as Learner, options, bs)
}
