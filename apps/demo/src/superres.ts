import { Learner, lrSlice, params } from '@espalier/core'
import { dataBlock, indexSplitter, type NdArray } from '@espalier/data'
import * as vision from '@espalier/vision'
import type { Demo } from './demo.js'
import { everyFifth, petPhotos } from './pet-photos.js'

const { AddInput, augTransforms, crappify, featureLoss, imageBlock, mobilenetV2, psnr, ssim } = vision
type Pair = Readonly<Record<'good' | 'poor', NdArray<'uint8'>>>

const side = 128
const shrink = crappify({ size: side, quality: null, restore: false })
/** Half the size and back, bicubically. */
const halve = crappify({ size: side / 2, quality: null })

/** The middle of a photo, and what is left of it when half its lines are missing. */
async function pairOf(path: string): Promise<Pair> {
  const photo = await shrink(path)
  const { width, height } = await photo.size()
  const middle = { left: (width - side) >> 1, top: (height - side) >> 1, width: side, height: side }
  const good = await photo.crop(middle).pixels()
  return { good, poor: await (await halve(good)).pixels() }
}

export const superres: Demo = {
  about: 'photos twice as sharp: a U-Net that adds what is missing, judged by what a network sees',
  async run(options) {
    const { out, small = false } = options
    const photos = await petPhotos(options)
    const dls = await dataBlock({
      blocks: [imageBlock(), imageBlock()],
      getX: ({ poor }: Pair) => poor,
      getY: ({ good }: Pair) => good,
      splitter: indexSplitter(everyFifth()(photos)[1]!),
      batchTfms: [
        ...augTransforms({ maxRotate: 0, maxZoom: 1, maxWarp: 0, pLighting: 0 }),
        vision.normalize(vision.imagenetStats),
      ],
    }).dataLoaders(await Promise.all(photos.map(pairOf)), { bs: 8 })
    const unet = await vision.createUnetModel(mobilenetV2, 3, [side, side], { cut: [-1, -1] })
    using loss = await featureLoss(mobilenetV2, { layerWeights: [0.1, 0.1, 0.1] })
    using learn = new Learner(dls, new AddInput(unet), {
      lossFunc: loss,
      metrics: [psnr(), ssim(), ...loss.metrics],
      splitter: ({ model }) => [params(model.encoder), model.decoder.flatMap(params)],
    })
    const { psnr: bicubic = 0 } = await learn.validate() // It begins with the bicubic photo as it is.
    await learn.fitOneCycle(small ? 1 : 2, lrSlice(3e-4, 3e-3))
    const { psnr: sharper = 0 } = await learn.validate()

    await learn.showResults({ maxN: 6 }).save(`${out}/results.png`)
    const { image } = await learn.predict((await pairOf(photos[0]!)).poor)
    await vision.saveImage(`${out}/sharper.png`, image)
    const [gain, least] = [sharper - bicubic, small ? 0.2 : 0.5]
    const text = `${sharper.toFixed(2)} dB, ${gain.toFixed(2)} dB more than bicubic, at least ${least}`
    return { text, ok: gain >= least }
  },
}
