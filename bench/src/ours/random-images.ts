import {
  type Block,
  categoryBlock,
  dataBlock,
  type NdArray,
  ndArray,
  noSplitter,
  Random,
} from '@espalier/data'

/** What the loaders are made of. */
export interface RandomImagesOptions {
  readonly bs: number
  /** Height and width. */
  readonly size: number
  readonly classes: number
  /** How many batches an epoch has: all the same. */
  readonly batches: number
}

/** Loaders of one batch of normal noise with random labels, over and over, from memory. */
export function randomImages({ bs, size, classes, batches }: RandomImagesOptions) {
  const vocab = Array.from({ length: classes }, (_, i) => `class ${i}`)
  const images = Array.from({ length: bs }, (_, i) => noise(size, i))
  const labels = new Random(42, 'labels')
  const ofRow = images.map(() => vocab[Math.floor(labels.uniform(0, classes))]!)
  const image: Block<number, NdArray<'float32'>> = {
    name: 'noise',
    typeTfms: () => [{ name: 'noise', encode: (row: number) => images[row]! }],
  }
  const rows = Array.from({ length: batches * bs }, (_, i) => i % bs)
  return dataBlock({
    blocks: [image, categoryBlock({ vocab })],
    getItems: (items: readonly number[]) => items,
    getY: (row) => ofRow[row]!,
    splitter: noSplitter(),
  }).dataLoaders(rows, { bs, shuffle: false })
}

function noise(size: number, i: number): NdArray<'float32'> {
  const random = new Random(42, 'image', i)
  const values = Float32Array.from({ length: size * size * 3 }, () => random.normal())
  return ndArray('float32', [size, size, 3], values)
}
