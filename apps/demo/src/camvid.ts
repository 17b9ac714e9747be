import { readFile } from 'node:fs/promises'
import { diceMulti, foregroundAcc, lrSlice } from '@espalier/core'
import { funcSplitter } from '@espalier/data'
import {
  augTransforms,
  getFiles,
  getImageFiles,
  loadLearner,
  type MaskPrediction,
  mobilenetV2,
  resize,
  SegmentationDataLoaders,
  unetLearner,
} from '@espalier/vision'
import { dataFolder } from './data-folder.js'
import type { Demo } from './demo.js'

const archive = { file: 'camvid11_480x360.tar' }
const maskOf = (photo: string) => photo.replace(/images(?=[/\\][^/\\]+$)/, 'labels').replace(/\.jpg$/, '.png')
const part = (name: string) => (photo: string) => photo.split(/[/\\]/).at(-3) === name

export const camvid: Demo = {
  about: 'what every pixel of a street is: a U-Net on a pretrained MobileNetV2',
  async run({ data, out }) {
    const folder = await dataFolder(data, archive)
    const [codesFile] = await getFiles(folder, { extensions: ['.txt'] })
    const names = (await readFile(codesFile!, 'utf8')).trim().split(/\s+/)
    const [codes, unlabelled] = [names.slice(0, -1), names.length - 1] // The last one is no class.
    const photos = (await getImageFiles(folder)).filter((f) => /images[/\\]/.test(f) && !part('test')(f))
    const dls = await SegmentationDataLoaders.fromLabelFunc(photos, maskOf, {
      codes,
      ignore: unlabelled,
      splitter: funcSplitter(part('val')),
      bs: 8,
      itemTfms: [resize([180, 240])],
      batchTfms: augTransforms({ maxRotate: 5, maxWarp: 0.1 }),
    })
    console.log(`${dls.n} photos to train on, ${dls.valid.n} held out, ${dls.c} classes`)
    await dls.showBatch({ maxN: 4 }).save(`${out}/batch.png`)

    const accuracy = foregroundAcc({ bkgIdx: 255, name: 'accuracy' }) // Pixels without a class are 255.
    using learn = await unetLearner(dls, mobilenetV2, { metrics: [accuracy, diceMulti()] })
    await learn.fitOneCycle(1, { stop: 2e-3 }) // the decoder; the body is frozen
    learn.unfreeze()
    await learn.fitOneCycle(2, lrSlice(1e-5, 1e-3)) // everything, the first layers slowest

    const { accuracy: found = 0 } = (await learn.validate()) as { accuracy?: number }
    await learn.showResults({ maxN: 4 }).save(`${out}/results.png`)
    await learn.export(`${out}/model`)
    using loaded = await loadLearner<MaskPrediction>(`${out}/model`)
    const { areas } = await loaded.predict(dls.valid.dataset.id(0))
    console.log(areas.map(({ label, share }) => `${label} ${(100 * share).toFixed(0)} %`).join(', '))
    console.log(`wrote ${out}/batch.png, ${out}/results.png and ${out}/model`)
    return {
      text: `pixel accuracy ${found.toFixed(3)}, at least 0.80, without those that have no class`,
      ok: found >= 0.8,
    }
  },
}
