import { Learner, setNativeEngine, tf, useEngine, withSeed } from '@espalier/core'
import {
  type Block,
  categoryBlock,
  dataBlock,
  type NdArray,
  ndArray,
  noSplitter,
  Random,
} from '@espalier/data'
import { ResNet34 } from './resnet34.js'

// Run by memory.test.ts in a process of its own: the peak of a process is that of all it ever did.
const [bs, size, steps] = process.argv.slice(2).map(Number) as [number, number, number]
setNativeEngine(() => import('../../src/index.js'))
await useEngine('native')

/** Noise, as bytes: what a picture is in a batch. */
const pictures: Block<number, NdArray<'uint8'>> = {
  name: 'picture',
  typeTfms: () => [
    (item: number) => {
      const random = new Random(1, 'pictures', item)
      const pixels = Uint8Array.from({ length: size * size * 3 }, () => random.uint32() & 255)
      return ndArray('uint8', [size, size, 3], pixels, 'image')
    },
  ],
}

const dls = await dataBlock({
  blocks: [pictures, categoryBlock({ vocab: ['even', 'odd'] })],
  getY: (item: number) => (item % 2 === 0 ? 'even' : 'odd'),
  splitter: noSplitter(),
}).dataLoaders(
  Array.from({ length: bs * steps }, (_, i) => i),
  { bs },
)
const model = withSeed(1, () => new ResNet34(2))
const parameters = model.parameters().reduce((n, p) => n + p.size, 0)
using learn = new Learner(dls, model, { verbose: false })
await learn.fit(1, 1e-3)
const { rawLosses } = learn.recorder
const { maxRSS } = process.resourceUsage()
console.log(
  JSON.stringify({ parameters, losses: rawLosses, peak: maxRSS * 1024, tensors: tf.memory().numTensors }),
)
