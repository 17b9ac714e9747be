import { AdaptiveAvgPool2d, convLayer, Flatten, Linear, params, Sequential, type tf } from '@espalier/core'
import { categoryBlock, dataBlock, indexSplitter, type NdArray, ndArray, Random } from '@espalier/data'
import { arch, defaultSplit, registerArch, resize } from '../src/index.js'
import { imageBlock } from '../src/node/index.js'

/** A picture with one thing in it, and where that is. */
export interface Blob {
  readonly picture: NdArray<'uint8'>
  readonly label: 'bright' | 'dark'
  readonly at: readonly [x: number, y: number]
}

export const side = 32
/** Half the side of the thing. */
export const reach = 4

/** Grey noise with a bright or a dark square somewhere. */
function blobOf(i: number): Blob {
  const random = new Random(i, 'blob')
  const label = i % 2 ? 'bright' : 'dark'
  const at = [0, 1].map(() => Math.floor(random.uniform(reach, side - reach))) as [number, number]
  const data = new Uint8Array(side * side * 3)
  for (let p = 0; p < side * side; p++) {
    const inside = Math.abs((p % side) - at[0]) <= reach && Math.abs(Math.floor(p / side) - at[1]) <= reach
    const shade = inside ? (label === 'bright' ? 220 : 35) : 128
    for (let c = 0; c < 3; c++) data[3 * p + c] = shade + random.uniform(-30, 30)
  }
  return { picture: ndArray('uint8', [side, side, 3], data), label, at }
}

export const blobs: readonly Blob[] = Array.from({ length: 80 }, (_, i) => blobOf(i))

export const blobLoaders = () =>
  dataBlock({
    blocks: [imageBlock(), categoryBlock()],
    getItems: (source: readonly Blob[]) => source,
    getX: (blob: Blob) => blob.picture,
    getY: (blob: Blob) => blob.label,
    splitter: indexSplitter(Array.from({ length: 16 }, (_, i) => 64 + i)),
    itemTfms: [resize(side)],
  }).dataLoaders(blobs, { bs: 16, seed: 1 })

/** Three convolutions down to 8 × 8 places. */
export const tinyArch = arch('test-for-blobs', ({ numClasses = 10 }) => {
  const net = new Sequential<[tf.Tensor4D], tf.Tensor2D>([
    convLayer(3, 8, { stride: 2 }),
    convLayer(8, 16, { stride: 2 }),
    convLayer(16, 16),
    new AdaptiveAvgPool2d(1),
    new Flatten(),
    new Linear(16, numClasses),
  ])
  return Object.assign(net, {
    stages: [net.slice(0, 1), net.slice(1, 2)],
    channels: [8, 16],
    groups: () => [params(net)],
  })
})
registerArch(tinyArch, { cut: -3, split: defaultSplit })
