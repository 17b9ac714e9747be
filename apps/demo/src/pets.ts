import { accuracy, lrSlice, platform, trainingReport } from '@espalier/core'
import {
  augTransforms,
  ImageDataLoaders,
  loadLearner,
  mobilenetV2,
  resize,
  visionLearner,
} from '@espalier/vision'
import type { Demo } from './demo.js'
import { breedOf, everyFifth, petPhotos } from './pet-photos.js'

export const pets: Demo = {
  about: '37 breeds of cats and dogs: a new head on a pretrained MobileNetV2',
  async run(options) {
    const { out, small = false } = options
    const dls = await ImageDataLoaders.fromPathFunc(await petPhotos(options), breedOf, {
      splitter: everyFifth(),
      bs: 16,
      itemTfms: [resize(small ? 128 : 224)],
      batchTfms: augTransforms({ size: small ? 96 : 192, mult: 0.25 }),
    })
    console.log(
      `${dls.train.dataset.length} photos to train on, ${dls.valid.dataset.length} held out, ${dls.c} breeds`,
    )
    using learn = await visionLearner(dls, mobilenetV2, { metrics: [accuracy], trainBn: false })

    const found = await learn.lrFind({ numIt: 20 })
    console.log(`lrFind suggests ${found.valley.toExponential(1)} for a long fit; this one is short\n`)
    await learn.fitOneCycle(3, { stop: 5e-3 }) // the head; the body is frozen
    learn.unfreeze()
    await learn.fitOneCycle(2, lrSlice(3e-5, 3e-4)) // everything, the first layers slowest

    const interp = await learn.interpret()
    const trivial = 1 - 1 / dls.c
    console.log(`\nerror rate ${interp.errorRate.toFixed(3)} (guessing: ${trivial.toFixed(3)})`)
    for (const c of interp.mostConfused().slice(0, 5))
      console.log(`  ${c.count}× ${c.actual} taken for ${c.predicted}`)

    await learn.export(`${out}/model`)
    const report = await trainingReport(learn, { title: 'Pets', found, interpretation: interp })
    await platform().writeFileAtomic(`${out}/report.html`, new TextEncoder().encode(report))

    using loaded = await loadLearner(`${out}/model`)
    const photo = dls.valid.dataset.id(3)
    const { label, probabilities, index } = await loaded.predict(photo)
    console.log(`\n${photo} is a ${label} (${(100 * probabilities[index]!).toFixed(0)} %)`)
    console.log(`wrote ${out}/model and ${out}/report.html`)
    const most = small ? 0.5 : 0.3
    return {
      text: `error rate ${interp.errorRate.toFixed(3)}, at most ${most.toFixed(2)}`,
      ok: interp.errorRate <= most,
    }
  },
}
