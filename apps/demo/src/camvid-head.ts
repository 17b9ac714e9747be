import { convLayer, foregroundAcc, type Learner, lrSlice, Sequential, Table, Upsample } from '@espalier/core'
import { mobilenetV2, resize, SegmentationDataLoaders, unetLearner, visionLearner } from '@espalier/vision'
import type { Demo } from './demo.js'
import { inVal, maskOf, streetPhotos } from './street-photos.js'

/** Twice as large, five times: each pixel is repeated, and a convolution looks at what that gave. */
const nearestHead = (nIn: number, nOut: number) => {
  const sizes = [nIn, 128, 96, 64, 48, 32]
  const steps = sizes.slice(1).flatMap((n, i) => [new Upsample(2), convLayer(sizes[i]!, n)])
  return new Sequential([...steps, convLayer(32, nOut, { ks: 1, act: null, normType: null })])
}

export const camvidHead: Demo = {
  about: 'a head that repeats pixels on a pretrained body, against a U-Net on the same body',
  async run(options) {
    const { out, small = false } = options
    const { photos, codes, ignore } = await streetPhotos(options)
    const dls = await SegmentationDataLoaders.fromLabelFunc(photos, maskOf, {
      codes,
      ignore,
      splitter: inVal,
      bs: 4,
      itemTfms: [resize(small ? [64, 96] : [128, 160])], // Multiples of 32, which five doublings come back to.
    })
    const metrics = [foregroundAcc({ bkgIdx: 255, name: 'accuracy' })] // Pixels that are ignored are 255.
    const shared = { cut: [-1, -1], metrics } // The body ends in 320 channels.
    const trained = async (learn: Learner): Promise<number> => {
      learn.unfreeze()
      await learn.fitOneCycle(3, lrSlice(1e-4, 2e-3))
      return (await learn.validate())['accuracy'] ?? 0
    }
    using head = await visionLearner(dls, mobilenetV2, { ...shared, customHead: nearestHead(320, dls.c) })
    const repeated = await trained(head as unknown as Learner)
    await head.showResults({ maxN: 4 }).save(`${out}/nearest.png`)
    using unet = await unetLearner(dls, mobilenetV2, shared)
    const standard = await trained(unet as unknown as Learner)
    await unet.showResults({ maxN: 4 }).save(`${out}/unet.png`)

    const weights = ({ model }: { readonly model: typeof head.model | typeof unet.model }) =>
      model.parameters().reduce((n, p) => n + p.size, 0)
    const rows = [
      ['nearest neighbour', weights(head), repeated],
      ['U-Net', weights(unet), standard],
    ]
    console.log(new Table(['head', 'weights', 'accuracy'], rows).toText())
    const least = small ? 0.25 : 0.75
    return {
      text: `pixel accuracy ${repeated.toFixed(3)} by nearest neighbour, ${standard.toFixed(3)} by the U-Net, each at least ${least.toFixed(2)}`,
      ok: Math.min(repeated, standard) >= least,
    }
  },
}
