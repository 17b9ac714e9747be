import { BatchNorm, Conv2d, Module, params, ReLU, Sequential, tf, withSeed } from '@espalier/core'
import {
  dataBlock,
  type ItemTransform,
  type LoaderOptions,
  type NdArray,
  ndArray,
  Random,
  trainTestSplitter,
} from '@espalier/data'
import { createHead, type Head, resize, siameseBlocks } from '../src/node/index.js'

export type Photo = NdArray<'uint8'>

const labels = new WeakMap<Photo, string>()
/** The colour of a toy photo. */
export const labelOf = (photo: Photo): string => labels.get(photo)!

const colours = { red: [220, 30, 30], green: [30, 220, 30], blue: [30, 30, 220] } as const

/** Noisy pictures of one colour and of many sizes, `n` for each colour. */
export function photos(n: number): Photo[] {
  return Object.entries(colours).flatMap(([label, colour]) =>
    Array.from({ length: n }, (_, i) => {
      const random = new Random(n, label, i)
      const [h, w] = [10 + random.int(8), 10 + random.int(8)]
      const bytes = Uint8Array.from({ length: h * w * 3 }, (_, k) => colour[k % 3]! + random.int(40) - 20)
      const photo = ndArray('uint8', [h, w, 3], bytes)
      labels.set(photo, label)
      return photo
    }),
  )
}

/** The model of the book, small. */
export class SiameseModel extends Module<[tf.Tensor4D, tf.Tensor4D], tf.Tensor2D> {
  constructor(
    readonly encoder: Sequential<[tf.Tensor4D], tf.Tensor4D>,
    readonly head: Head,
  ) {
    super()
  }

  forward(x1: tf.Tensor4D, x2: tf.Tensor4D): tf.Tensor2D {
    return this.head.forward(tf.concat([this.encoder.forward(x1), this.encoder.forward(x2)], 3))
  }
}

export const siameseModel = (nf = 4): SiameseModel =>
  withSeed(3, () => {
    const layers = [new Conv2d(3, nf, 3, { stride: 2, padding: 1 }), new BatchNorm(nf), new ReLU()]
    const encoder = new Sequential<[tf.Tensor4D], tf.Tensor4D>(layers)
    return new SiameseModel(encoder, createHead(nf * 2, 2, { linFtrs: [16], ps: 0 }))
  })

export const siameseSplitter = (m: SiameseModel) => [params(m.encoder), params(m.head)]

/** Loaders of pairs of toy photos, `n` for each colour, a quarter of them held out. */
export const pairLoaders = (
  {
    n = 8,
    itemTfms = [resize(8)],
  }: { readonly n?: number; readonly itemTfms?: readonly ItemTransform[] } = {},
  options: LoaderOptions<Photo> = {},
) =>
  dataBlock({
    blocks: siameseBlocks(labelOf),
    getItems: (list: readonly Photo[]) => list,
    splitter: trainTestSplitter<Photo>({ stratify: labelOf, testSize: 0.25 }),
    itemTfms,
  }).dataLoaders(photos(n), { bs: 6, seed: 5, ...options })
