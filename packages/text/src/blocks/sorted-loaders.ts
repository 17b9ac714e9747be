import { DataLoaders, type Dataset, isNdArray, type NdArray, Random } from '@espalier/data'
import { measured, SortedDL } from '../load/sorted-dl.js'

/** The same loaders, each with texts of about one length together. */
export async function sortedLoaders<A extends readonly NdArray[], P, S>(
  dls: DataLoaders<A, P, S>,
): Promise<DataLoaders<A, P, S>> {
  const [train, valid, ...more] = await Promise.all(
    dls.loaders.map(async ({ dataset, options }) => {
      return new SortedDL<A>(fingerprinted(dataset), { ...options, lens: await measured(dataset) })
    }),
  )
  return new DataLoaders<A, P, S>(train!, valid!, { ...dls.options, more })
}

/** The same data set; what tells it from others are the ids of its texts and their targets. */
function fingerprinted(dataset: Dataset): Dataset {
  return Object.assign(dataset, {
    async *fingerprint(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < dataset.length; i++) {
        const sample = await dataset.sample(i, { split: 1, random: new Random(0, 'text', i) })
        for (const element of sample) {
          if (!isNdArray(element)) continue
          const { buffer, byteOffset, byteLength } = element.data
          yield new Uint8Array(buffer, byteOffset, byteLength)
        }
      }
    },
  })
}
