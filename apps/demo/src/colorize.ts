import { Learner, l1LossFlat, lrSlice, mae, params, tensorTransform, tf } from '@espalier/core'
import { dataBlock } from '@espalier/data'
import * as vision from '@espalier/vision'
import type { Demo } from './demo.js'
import { inVal, streetPhotos } from './street-photos.js'

const { AddInput, augTransforms, createUnetModel, grayscale, imageBlock, mobilenetV2 } = vision

const size = [96, 128] as const
/** Takes the colours out of the inputs, not out of the targets. */
const greyInputs = tensorTransform({
  name: 'greyInputs',
  order: 20, // Once bytes are numbers from 0 to 1, before they are normalized.
  encode: ([x, ...targets]) => [tf.tile(grayscale(x as tf.Tensor4D), [1, 1, 1, 3]), ...targets],
})

export const colorize: Demo = {
  about: 'grey photos of streets in colour: a U-Net that adds to them what their colours may have been',
  async run(options) {
    const { out, small = false } = options
    const { photos } = await streetPhotos(options)
    const dls = await dataBlock({
      blocks: [imageBlock(), imageBlock()],
      getY: (photo: string) => photo,
      splitter: inVal,
      itemTfms: [vision.resize([...size])],
      batchTfms: [
        ...augTransforms({ maxRotate: 0, maxZoom: 1, maxWarp: 0, pLighting: 0 }),
        greyInputs,
        vision.normalize(vision.imagenetStats),
      ],
    }).dataLoaders(photos, { bs: 8 })
    await dls.showBatch({ maxN: 6 }).save(`${out}/batch.png`)

    const unet = await createUnetModel(mobilenetV2, 3, [...size], { cut: [-1, -1], lastCross: false })
    using learn = new Learner(dls, new AddInput(unet), {
      lossFunc: l1LossFlat(),
      metrics: [mae, vision.psnr()],
      splitter: ({ model }) => [params(model.encoder), model.decoder.flatMap(params)],
    })
    const { mae: grey = 0 } = await learn.validate() // It begins with the grey photo as it is.
    learn.freeze()
    await learn.fitOneCycle(small ? 2 : 2, 3e-3)
    learn.unfreeze()
    await learn.fitOneCycle(small ? 1 : 4, lrSlice(1e-5, 1e-3))
    const { mae: coloured = 0 } = await learn.validate()

    await learn.showResults({ maxN: 6 }).save(`${out}/results.png`)
    const { image } = await learn.predict(dls.valid.dataset.id(0))
    await vision.saveImage(`${out}/coloured.png`, image)
    const [left, most] = [coloured / grey, small ? 1 : 0.8]
    return {
      text: `${left.toFixed(3)} of the error of grey photos, at most ${most.toFixed(2)}`,
      ok: left <= most,
    }
  },
}
