import { accuracy, lrSlice, perGroup, Table } from '@espalier/core'
import {
  augTransforms,
  blockSplit,
  ImageDataLoaders,
  mobilenetV2,
  resize,
  visionLearner,
} from '@espalier/vision'
import type { Demo } from './demo.js'
import { breedOf, everyFifth, petPhotos } from './pet-photos.js'

export const blocks: Demo = {
  about: 'a group for each residual block: rates that rise from the first block to the head',
  async run(options) {
    const { small = false } = options
    const dls = await ImageDataLoaders.fromPathFunc(await petPhotos(options), breedOf, {
      splitter: everyFifth(),
      bs: 16,
      itemTfms: [resize(small ? 128 : 224)],
      batchTfms: augTransforms({ size: small ? 96 : 192, mult: 0.25 }),
    })
    using learn = await visionLearner(dls, mobilenetV2, { splitter: blockSplit, metrics: [accuracy] })
    const { groups } = learn.opt // The stem, the blocks, the head.
    const rates = lrSlice(1e-5, 3e-4)
    await learn.fitOneCycle(3, { stop: 5e-3 }) // the head
    learn.unfreeze() // freezeTo(-4) would train the last three blocks with it
    await learn.fitOneCycle(1, rates) // all blocks, the first slowest

    const sizes = groups.map((group) => group.reduce((n, p) => n + p.size, 0))
    const perBlock = perGroup('lr', rates, groups.length)
    const nameOf = (i: number) => (i === 0 ? 'stem' : i === groups.length - 1 ? 'head' : `block ${i}`)
    const rows = sizes.map((n, i) => [nameOf(i), n, perBlock[i]!.toExponential(1)])
    console.log(new Table(['group', 'weights', 'rate'], rows).toText())
    const { accuracy: right = 0 } = await learn.validate()
    const least = small ? 0.45 : 0.65
    return {
      text: `${groups.length} groups, accuracy ${right.toFixed(3)}, at least ${least.toFixed(2)}`,
      ok: right >= least && groups.length > 10,
    }
  },
}
