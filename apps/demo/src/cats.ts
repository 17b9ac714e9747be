import { accuracy } from '@espalier/core'
import { augTransforms, ImageDataLoaders, mobilenetV2, resize, visionLearner } from '@espalier/vision'
import type { Demo } from './demo.js'
import { breedOf, everyFifth, petPhotos } from './pet-photos.js'

/** Breeds of cats begin with a capital. */
const species = (path: string) => (/^[A-Z]/.test(breedOf(path)) ? 'cat' : 'dog')

export const cats: Demo = {
  about: 'cat or dog: fineTune, the photos that it is least sure of, a prediction',
  async run(options) {
    const { out, small = false } = options
    const dls = await ImageDataLoaders.fromPathFunc(await petPhotos(options), species, {
      splitter: everyFifth(),
      bs: 16,
      itemTfms: [resize(small ? 160 : 224)],
      batchTfms: augTransforms({ size: small ? 128 : 192, mult: 0.5 }),
    })
    console.log(`${dls.n} photos to train on, ${dls.valid.n} held out`)
    using learn = await visionLearner(dls, mobilenetV2, { metrics: [accuracy] })
    await learn.fineTune(1, 1e-3, { freezeEpochs: 3 })

    const interp = await learn.interpret()
    await interp.plotConfusionMatrix().save(`${out}/confusion.png`)
    await interp.plotTopLosses(9).save(`${out}/top-losses.png`)
    const right = 1 - interp.errorRate
    const photo = dls.valid.dataset.id(0)
    const { label, probabilities, index } = await learn.predict(photo)
    console.log(`${photo} is a ${label} (${(100 * probabilities[index]!).toFixed(0)} %)`)
    console.log(`wrote ${out}/confusion.png and ${out}/top-losses.png`)
    const least = small ? 0.75 : 0.96
    return { text: `accuracy ${right.toFixed(3)}, at least ${least.toFixed(2)}`, ok: right >= least }
  },
}
