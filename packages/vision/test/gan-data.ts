import { withSeed } from '@espalier/core'
import { dataBlock, indexSplitter, type NdArray, ndArray, noSplitter, Random } from '@espalier/data'
import { basicCritic, basicGenerator, noiseBlock, normalize } from '../src/index.js'
import { imageBlock } from '../src/node/index.js'

export const size = 16
/** What the two halves of the pictures are on average, from −1 to 1. */
export const halves = [0.6, -0.4] as const

/** A grey picture of two halves, each of one shade: two numbers make it. */
function halvesOf(i: number): NdArray<'uint8'> {
  const random = new Random(i, 'halves')
  const shades = halves.map((mean) => 127.5 * (1 + mean + 0.15 * random.normal()))
  const pixels = Array.from({ length: size * size }, (_, p) => shades[p % size < size / 2 ? 0 : 1]!)
  return ndArray(
    'uint8',
    [size, size, 1],
    pixels.map((v) => Math.min(255, Math.max(0, Math.round(v)))),
  )
}

/** Loaders of noise and pictures. */
export function ganLoaders({ train = 64, valid = 0, bs = 16, noise = 6 } = {}) {
  const items = Array.from({ length: train + valid }, (_, i) => i)
  return dataBlock({
    blocks: [noiseBlock({ size: noise }), imageBlock({ grey: true })],
    getItems: (source: readonly number[]) => source,
    getY: halvesOf,
    splitter: valid > 0 ? indexSplitter(items.slice(train)) : noSplitter(),
    batchTfms: [normalize({ mean: [0.5], std: [0.5] })],
  }).dataLoaders(items, { bs, seed: 5 })
}

export const parts = () =>
  withSeed(3, () => ({
    generator: basicGenerator(size, 1, { inSz: 6, nFeatures: 8 }),
    critic: basicCritic(size, 1, { nFeatures: 8 }),
  }))
