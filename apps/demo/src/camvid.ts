import { diceMulti, foregroundAcc, lrSlice } from '@espalier/core'
import {
  augTransforms,
  loadLearner,
  type MaskPrediction,
  mobilenetV2,
  resize,
  SegmentationDataLoaders,
  unetLearner,
} from '@espalier/vision'
import type { Demo } from './demo.js'
import { inVal, maskOf, streetPhotos } from './street-photos.js'

/** Without the last convolution, to 1280 channels: it is for a classifier, and would make the decoder four times as large. */
const cut = [-1, -1]

export const camvid: Demo = {
  about: 'what every pixel of a street is: a U-Net on a pretrained MobileNetV2',
  async run(options) {
    const { out, small = false } = options
    const { photos, codes, ignore } = await streetPhotos(options)
    const dls = await SegmentationDataLoaders.fromLabelFunc(photos, maskOf, {
      codes,
      ignore,
      splitter: inVal,
      bs: 4,
      itemTfms: [resize(small ? [96, 128] : [180, 240])],
      batchTfms: augTransforms({ maxRotate: 5, maxWarp: 0.1 }),
    })
    console.log(`${dls.n} photos to train on, ${dls.valid.n} held out, ${dls.c} classes`)
    await dls.showBatch({ maxN: 4 }).save(`${out}/batch.png`)

    const pixels = foregroundAcc({ bkgIdx: 255, name: 'accuracy' }) // Pixels that are ignored are 255.
    using learn = await unetLearner(dls, mobilenetV2, { cut, metrics: [pixels, diceMulti()] })
    learn.unfreeze()
    await learn.fitOneCycle(4, lrSlice(1e-4, 2e-3)) // The first layers learn slowest.

    const { accuracy = 0, dice_multi: dice = 0 } = await learn.validate()
    await learn.showResults({ maxN: 4 }).save(`${out}/results.png`)
    await learn.export(`${out}/model`)
    using loaded = await loadLearner<MaskPrediction>(`${out}/model`)
    const { areas } = await loaded.predict(dls.valid.dataset.id(0))
    console.log(areas.map(({ label, share }) => `${label} ${(100 * share).toFixed(0)} %`).join(', '))
    console.log(`dice ${dice.toFixed(3)}; wrote ${out}/model, ${out}/batch.png and ${out}/results.png`)
    const least = small ? 0.3 : 0.8
    return {
      text: `pixel accuracy ${accuracy.toFixed(3)} without what has no class, at least ${least.toFixed(2)}`,
      ok: accuracy >= least,
    }
  },
}
