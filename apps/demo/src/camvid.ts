import { readFile } from 'node:fs/promises'
import { type AnyModule, diceMulti, foregroundAcc, lrSlice, Sequential } from '@espalier/core'
import { funcSplitter } from '@espalier/data'
import {
  augTransforms,
  getFiles,
  getImageFiles,
  type MobileNetV2,
  mobilenetV2,
  resize,
  SegmentationDataLoaders,
  unetLearner,
} from '@espalier/vision'
import { dataFolder } from './data-folder.js'
import type { Demo } from './demo.js'

const maskOf = (photo: string) => photo.replace(/images(?=[/\\][^/\\]+$)/, 'labels').replace(/\.jpg$/, '.png')
const isIn = (folder: string) => (photo: string) => photo.split(/[/\\]/).at(-3) === folder
/** Without the last convolution, to 1280 channels: it is for a classifier, and would make the decoder four times as large. */
const cut = (model: AnyModule) => new Sequential([(model as MobileNetV2).features.slice(0, -1)])

export const camvid: Demo = {
  about: 'what every pixel of a street is: a U-Net on a pretrained MobileNetV2',
  async run({ data, out }) {
    const folder = await dataFolder(data, { file: 'camvid11_480x360.tar' })
    const [codesFile] = await getFiles(folder, { extensions: ['.txt'] })
    const names = (await readFile(codesFile!, 'utf8')).trim().split(/\s+/)
    const photos = (await getImageFiles(folder)).filter((f) => /images[/\\]/.test(f) && !isIn('test')(f))
    const dls = await SegmentationDataLoaders.fromLabelFunc(photos, maskOf, {
      codes: names.slice(0, -1),
      ignore: names.length - 1, // The last name is that of pixels without a class.
      splitter: funcSplitter(isIn('val')),
      bs: 4,
      itemTfms: [resize([180, 240])],
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
    const { areas } = await learn.predict(dls.valid.dataset.id(0))
    console.log(areas.map(({ label, share }) => `${label} ${(100 * share).toFixed(0)} %`).join(', '))
    console.log(`dice ${dice.toFixed(3)}; wrote ${out}/batch.png and ${out}/results.png`)
    return {
      text: `pixel accuracy ${accuracy.toFixed(3)} without what has no class, at least 0.80`,
      ok: accuracy >= 0.8,
    }
  },
}
