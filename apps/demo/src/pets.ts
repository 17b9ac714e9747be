import { fileURLToPath } from 'node:url'
import { accuracy, lrSlice, platform, trainingReport } from '@espalier/core'
import { funcSplitter } from '@espalier/data'
import {
  augTransforms,
  getImageFiles,
  ImageDataLoaders,
  loadLearner,
  mobilenetV2,
  resize,
  visionLearner,
} from '@espalier/vision'
import type { Demo } from './demo.js'

const bundled = fileURLToPath(new URL('../data/pets/images', import.meta.url))

/** Every fifth photo of each breed validates; the photos come sorted by name. */
function everyFifth(breedOf: (path: string) => string) {
  const seen = new Map<string, number>()
  return funcSplitter((path: string) => {
    const n = seen.get(breedOf(path)) ?? 0
    seen.set(breedOf(path), n + 1)
    return n % 5 === 0
  })
}

const breedOf = (path: string) => /([^/\\]+)_\d+\.jpg$/.exec(path)?.[1] ?? ''

export const pets: Demo = {
  about: '37 breeds of cats and dogs: a new head on a pretrained MobileNetV2',
  async run({ data = bundled, out }) {
    const dls = await ImageDataLoaders.fromPathFunc(await getImageFiles(data), breedOf, {
      splitter: everyFifth(breedOf),
      bs: 16,
      itemTfms: [resize(224)],
      batchTfms: augTransforms({ size: 192, mult: 0.25 }),
    })
    console.log(
      `${dls.train.dataset.length} photos to train on, ${dls.valid.dataset.length} held out, ${dls.c} breeds`,
    )
    using learn = await visionLearner(dls, mobilenetV2, { metrics: [accuracy] })

    const found = await learn.lrFind({ numIt: 20 })
    console.log(`lrFind suggests ${found.valley.toExponential(1)} for a long fit; this one is short\n`)
    await learn.fitOneCycle(3, { stop: 5e-3 }) // the head; the body is frozen
    learn.unfreeze()
    await learn.fitOneCycle(1, lrSlice(1e-5, 3e-4)) // everything, the first layers slowest

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
    return { text: `error rate ${interp.errorRate.toFixed(3)}, at most 0.30`, ok: interp.errorRate <= 0.3 }
  },
}
