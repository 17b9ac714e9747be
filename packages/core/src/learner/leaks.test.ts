import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type Block,
  categoryBlock,
  dataBlock,
  indexSplitter,
  type NdArray,
  ndArray,
  Random,
} from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { accuracy } from '../metrics/accuracy.js'
import { ReLU } from '../nn/activations.js'
import { BatchNorm } from '../nn/batch-norm.js'
import { Conv2d } from '../nn/conv2d.js'
import { Dropout } from '../nn/dropout.js'
import { withSeed } from '../nn/init.js'
import { Linear } from '../nn/linear.js'
import { Module } from '../nn/module.js'
import { Learner } from './learner.js'

beforeAll(async () => {
  await useEngine('wasm')
})

const size = 8

/** Noise, brighter on the left or on the right. */
const pictures: Block<number, NdArray<'float32'>> = {
  name: 'picture',
  typeTfms: () => [
    (item: number) => {
      const random = new Random(1, 'pictures', item)
      const bright = (i: number) => Number(Math.floor(i / 3) % size < size / 2 === (item % 2 === 0))
      const pixels = Float32Array.from({ length: size * size * 3 }, (_, i) => random.normal() + bright(i))
      return ndArray('float32', [size, size, 3], pixels)
    },
  ],
}

class Net extends Module<[tf.Tensor4D], tf.Tensor2D> {
  readonly conv = new Conv2d(3, 8, 3, { padding: 1, bias: false })
  readonly norm = new BatchNorm(8)
  readonly act = new ReLU()
  readonly drop = new Dropout(0.2)
  readonly out = new Linear(8 * size * size, 2)

  forward(x: tf.Tensor4D): tf.Tensor2D {
    const y = this.drop.forward(this.act.forward(this.norm.forward(this.conv.forward(x))))
    return this.out.forward(tf.reshape(y, [x.shape[0], -1]))
  }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that are in use when everything unreachable is gone. */
function memory(): { readonly heap: number; readonly rss: number } {
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed, rss }
}

it('2,000 steps of the training loop, with validation between them, leave nothing behind', async () => {
  const items = Array.from({ length: 48 }, (_, i) => i)
  const dls = await dataBlock({
    blocks: [pictures, categoryBlock({ vocab: ['left', 'right'] })],
    getY: (item: number) => (item % 2 === 0 ? 'left' : 'right'),
    splitter: indexSplitter(items.slice(40)),
  }).dataLoaders(items, { bs: 4 })
  using learn = new Learner(
    dls,
    withSeed(3, () => new Net()),
    { verbose: false, metrics: [accuracy] },
  )
  await learn.fitOneCycle(20, 1e-2) // 200 steps to warm up: the optimizer's averages, what engines keep, the code.
  const [tensors, before] = [tf.memory(), memory()]
  const counts = new Set<number>()
  const watch = {
    name: 'watch',
    beforeEpoch: () => void counts.add(tf.memory().numTensors),
    afterEpoch: () => void counts.add(tf.memory().numTensors),
  }
  await learn.fit(200, 1e-3, { cbs: [watch] })
  expect(learn.recorder.rawLosses).toHaveLength(2000)
  expect([...counts]).toEqual([tensors.numTensors])
  expect(tf.memory()).toMatchObject({
    numTensors: tensors.numTensors,
    numDataBuffers: tensors.numDataBuffers,
    numBytes: tensors.numBytes,
  })
  const after = memory()
  expect((after.heap - before.heap) / 2 ** 20, 'growth of the heap in MiB').toBeLessThan(8)
  expect((after.rss - before.rss) / 2 ** 20, 'growth of the process in MiB').toBeLessThan(64)
  expect(learn.recorder.values.at(-1)!.at(-1), 'accuracy').toBe(1)
})
