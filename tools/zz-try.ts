import { readFile } from 'node:fs/promises'
import { diceMulti, foregroundAcc, lrSlice, setNativeEngine, useEngine } from '@espalier/core'
import { funcSplitter } from '@espalier/data'
import { augTransforms, getImageFiles, mobilenetV2, resize, SegmentationDataLoaders, unetLearner } from '@espalier/vision'
setNativeEngine(() => import('@espalier/tensorflow'))
await useEngine('native')
const folder = '/tmp/unet/camvid'
const maskOf = (photo: string) => photo.replace(/images(?=[/\\][^/\\]+$)/, 'labels').replace(/\.jpg$/, '.png')
const part = (name: string) => (photo: string) => photo.split(/[/\\]/).at(-3) === name
const names = (await readFile(`${folder}/codes.txt`, 'utf8')).trim().split(/\s+/)
const photos = (await getImageFiles(folder)).filter((f) => /images[/\\]/.test(f) && !part('test')(f))
const dls = await SegmentationDataLoaders.fromLabelFunc(photos, maskOf, {
  codes: names.slice(0, -1), ignore: 11, splitter: funcSplitter(part('val')), bs: 4, itemTfms: [resize([180, 240])], batchTfms: augTransforms({ maxRotate: 5, maxWarp: 0.1 }),
})
using learn = await unetLearner(dls, mobilenetV2, { metrics: [foregroundAcc({ bkgIdx: 255, name: 'accuracy' }), diceMulti()] })
learn.unfreeze()
await learn.fitOneCycle(2, lrSlice(1e-4, 2e-3), { checkpoint: { dir: '/tmp/unet/run', everySteps: 30 }, resume: true })
console.log(await learn.validate())
