import { accuracy, Table } from '@espalier/core'
import { ImageDataLoaders, mobilenetV2, resize, visionLearner } from '@espalier/vision'
import type { Demo } from './demo.js'
import { breedOf, everyFifth, petPhotos } from './pet-photos.js'

const kinds = { 'concat pooling': true, 'average pooling': false }

export const heads: Demo = {
  about: 'does it help to pool by maximum and mean? The same split and seeds with either head',
  async run(options) {
    const { small = false } = options
    const seeds = small ? [1] : [1, 2, 3]
    const dls = await ImageDataLoaders.fromPathFunc(await petPhotos(options), breedOf, {
      splitter: everyFifth(),
      bs: 16,
      itemTfms: [resize(small ? 96 : 128)],
    })
    async function trained(concatPool: boolean, seed: number): Promise<number> {
      using learn = await visionLearner(dls, mobilenetV2, {
        concatPool,
        seed,
        metrics: [accuracy],
        verbose: false,
      })
      await learn.fitOneCycle(3, { stop: 5e-3 })
      return (await learn.validate())['accuracy'] ?? 0
    }
    const rows: (readonly [string, ...number[]])[] = []
    for (const [kind, concatPool] of Object.entries(kinds)) {
      const each: number[] = []
      for (const seed of seeds) each.push(await trained(concatPool, seed))
      rows.push([kind, ...each, each.reduce((a, b) => a + b) / each.length])
    }
    console.log(new Table(['head', ...seeds.map((seed) => `seed ${seed}`), 'mean'], rows).toText())
    const [concat = 0, average = 0] = rows.map((row) => Number(row.at(-1)))
    const least = small ? 0.4 : 0.45
    return {
      text: `accuracy ${concat.toFixed(3)} with concat pooling, ${average.toFixed(3)} with average pooling, each at least ${least.toFixed(2)}`,
      ok: Math.min(concat, average) >= least,
    }
  },
}
