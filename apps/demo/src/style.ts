import { Learner } from '@espalier/core'
import { dataBlock, indexSplitter, ndArray } from '@espalier/data'
import * as vision from '@espalier/vision'
import type { Demo } from './demo.js'
import { petPhotos } from './pet-photos.js'

const { crappify, imageBlock, saveImage, styleLoss, styleTransfer, transformNet } = vision

const side = 128
const shrink = crappify({ size: side, quality: null, restore: false })

/** Swirls in blue, yellow and orange. */
function painting() {
  const tones = [20, 40, 110, 60, 120, 200, 240, 220, 120, 250, 160, 40] // Four colours.
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / (3 * side))]
    const swirl = Math.sin(x / 9 + 2 * Math.sin(y / 17)) + Math.sin(y / 7 + 2 * Math.sin(x / 23))
    return tones[3 * (Math.floor((swirl + 2) * 3) % 4) + (i % 3)]!
  })
  return ndArray('uint8', [side, side, 3], data, 'image')
}

export const style: Demo = {
  about: 'photos as if they were painted: one pixel by pixel, then any by a network in one pass',
  async run(options) {
    const { out, small = false } = options
    const photos = await petPhotos(options)
    const content = await (await shrink(photos[3]!)).pixels()
    const { image, losses } = await styleTransfer(content, painting(), { steps: small ? 25 : 100 })
    await saveImage(`${out}/photo.png`, content)
    await saveImage(`${out}/style.png`, painting())
    await saveImage(`${out}/painted.png`, image)

    const dls = await dataBlock({
      blocks: [imageBlock(), imageBlock()],
      getY: (photo: string) => photo, // What a photo shows is to stay.
      splitter: indexSplitter(photos.flatMap((_, i) => (i % 10 === 0 ? [i] : []))),
      itemTfms: [vision.resize(96)],
      batchTfms: [vision.normalize(vision.imagenetStats)],
    }).dataLoaders(photos, { bs: 4 })
    using loss = await styleLoss(painting())
    const net = transformNet({ width: 16, blocks: 3 })
    using learn = new Learner(dls, net, { lossFunc: loss, metrics: loss.metrics })
    const { valid_loss: before = 0 } = await learn.validate()
    await learn.fitOneCycle(2, 1e-2)
    const { valid_loss: after = 0 } = await learn.validate()
    await learn.showResults({ maxN: 6 }).save(`${out}/results.png`)
    await saveImage(`${out}/in-one-pass.png`, (await learn.predict(content)).image)

    const falls = [1 - losses.at(-1)! / losses[0]!, 1 - after / before] as const
    const least = small ? 0.3 : 0.5
    const [pixels, pass, wanted] = [...falls, least].map((fall) => `${(100 * fall).toFixed(0)} %`)
    const text = `the loss falls by ${pixels} pixel by pixel and by ${pass} for the network, at least ${wanted}`
    return { text, ok: Math.min(...falls) >= least }
  },
}
