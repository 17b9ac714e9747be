import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import {
  BatchNorm,
  Conv2d,
  Dropout,
  Flatten,
  Learner,
  Linear,
  MaxPool2d,
  ReLU,
  record,
  Sequential,
  tf,
  useEngine,
  withSeed,
} from '@espalier/core'
import {
  batchNormTrain,
  conv2d,
  maxPool2d,
  relu,
  sparseCrossEntropy,
  updateKernels,
} from '@espalier/core/kernels'
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
import { describeNative } from './support/native.js'

const run = promisify(execFile)

interface Counting {
  readonly binding: { getNumOfTensors(): number }
}

/** MiB that are not V8's heap, which takes its time to find its size. */
function outsideOfV8(): number {
  const { rss, heapTotal } = process.memoryUsage()
  return (rss - heapTotal) / 2 ** 20
}

describeNative('memory', () => {
  beforeAll(async () => {
    await useEngine('native')
  })

  it('does not grow over 2,000 training steps', () => {
    const variable = (...shape: number[]) =>
      tf.tidy(() => tf.variable(tf.randomNormal(shape, 0, 0.1, 'float32', 1)))
    const [filter, weight, bias, dense] = [
      variable(3, 3, 3, 8) as tf.Variable<tf.Rank.R4>,
      variable(8) as tf.Variable<tf.Rank.R1>,
      variable(8) as tf.Variable<tf.Rank.R1>,
      variable(8 * 4 * 4, 5) as tf.Variable<tf.Rank.R2>,
    ] as const
    const params = [filter, weight, bias, dense] as unknown as tf.Variable[]
    const averages = params.map((p) =>
      [p, p].map(() => tf.tidy(() => tf.variable(tf.zerosLike(p as tf.Tensor)))),
    )
    const images = tf.randomNormal<tf.Rank.R4>([4, 8, 8, 3], 0, 1, 'float32', 2)
    const labels = tf.tensor1d([0, 1, 2, 3], 'int32')
    const step = (t: number) =>
      tf.tidy(() => {
        const { result, tape } = record(() => {
          const { y } = batchNormTrain(conv2d(images, filter, { padding: 1 }), weight, bias)
          const pooled = maxPool2d(relu(y as tf.Tensor4D), 2)
          return tf.mean(sparseCrossEntropy(tf.matMul(tf.reshape(pooled, [4, -1]), dense), labels))
        })
        const grads = tape.backward(result, params as unknown as tf.Tensor[])
        const attrs = { lr: 1e-3, mom: 0.9, sqrMom: 0.99, eps: 1e-5, keep: 0.9999 }
        params.forEach((p, i) => {
          const debias = [1 - 0.9 ** t, 1 - 0.99 ** t] as const
          updateKernels().adam(p, grads[i]!, averages[i]![0]!, averages[i]![1]!, { ...attrs, debias })
        })
        return result.dataSync()[0]!
      })

    const { binding } = tf.backend() as unknown as Counting
    const first = step(1)
    for (let t = 2; t < 300; t++) step(t)
    const [handles, tensors, native] = [binding.getNumOfTensors(), tf.memory().numTensors, outsideOfV8()]
    for (let t = 300; t < 2300; t++) step(t)
    expect(binding.getNumOfTensors()).toBeLessThanOrEqual(handles + 64) // the scalars of learning rates, bounded
    expect(tf.memory().numTensors).toBe(tensors)
    expect(outsideOfV8() - native, 'growth in MiB').toBeLessThan(32)
    expect(step(2300)).toBeLessThan(first)
    tf.dispose([params, averages, images, labels] as unknown as tf.Tensor[])
  })

  it('does not grow over 2,000 steps of the training loop, with validation between them', async () => {
    const pictures: Block<number, NdArray<'float32'>> = {
      name: 'picture',
      typeTfms: () => [
        (item: number) => {
          const random = new Random(1, 'pictures', item)
          const pixels = Float32Array.from({ length: 8 * 8 * 3 }, () => random.normal() + 2 * (item % 2))
          return ndArray('float32', [8, 8, 3], pixels)
        },
      ],
    }
    const items = Array.from({ length: 48 }, (_, i) => i)
    const dls = await dataBlock({
      blocks: [pictures, categoryBlock({ vocab: ['dark', 'bright'] })],
      getY: (item: number) => (item % 2 === 0 ? 'dark' : 'bright'),
      splitter: indexSplitter(items.slice(40)),
    }).dataLoaders(items, { bs: 4 })
    const layers = () => [
      new Conv2d(3, 8, 3, { padding: 1, bias: false }),
      new BatchNorm(8),
      new ReLU(),
      new MaxPool2d(2),
      new Dropout(0.2),
      new Flatten(),
      new Linear(8 * 4 * 4, 2),
    ]
    using learn = new Learner(
      dls,
      withSeed(3, () => new Sequential(layers())),
      { verbose: false },
    )
    const { binding } = tf.backend() as unknown as Counting
    await learn.fitOneCycle(30, 1e-2)
    const [handles, tensors, rss] = [binding.getNumOfTensors(), tf.memory(), process.memoryUsage().rss]
    const counts = new Set<number>()
    const watch = { name: 'watch', afterEpoch: () => void counts.add(tf.memory().numTensors) }
    await learn.fit(200, 1e-3, { cbs: [watch] })
    expect(learn.recorder.rawLosses).toHaveLength(2000)
    expect([...counts]).toEqual([tensors.numTensors])
    expect(tf.memory().numDataBuffers).toBe(tensors.numDataBuffers)
    expect(binding.getNumOfTensors()).toBeLessThanOrEqual(handles + 64)
    expect((process.memoryUsage().rss - rss) / 2 ** 20, 'growth in MiB').toBeLessThan(64)
    expect(learn.recorder.losses.at(-1), 'the loss at the end').toBeLessThan(0.1)
  })

  it('gives back what a training takes: the next one takes no more', async () => {
    const { binding } = tf.backend() as unknown as Counting
    const handles = binding.getNumOfTensors()
    const images = tf.tidy(() => tf.randomNormal<tf.Rank.R4>([8, 64, 64, 16], 0, 1, 'float32', 2))
    const filter = tf.tidy(() =>
      tf.variable(tf.randomNormal<tf.Rank.R4>([3, 3, 16, 64], 0, 0.1, 'float32', 3)),
    )
    const step = () =>
      tf.tidy(() => {
        const { result, tape } = record(() =>
          tf.mean(tf.square(relu(conv2d(images, filter, { padding: 1 })))),
        )
        const [grad] = tape.backward(result, [filter])
        filter.assign(tf.sub(filter, tf.mul(grad as tf.Tensor4D, 0.1)))
        return result.dataSync()[0]!
      })
    const first = step()
    for (let t = 0; t < 5; t++) step()
    const rss = process.memoryUsage().rss
    for (let t = 0; t < 50; t++) step() // 8 MiB of feature maps, several times in each step
    expect(step()).toBeLessThan(first)
    expect((process.memoryUsage().rss - rss) / 2 ** 20, 'growth in MiB').toBeLessThan(64)
    tf.dispose([images, filter])
    expect(binding.getNumOfTensors()).toBeLessThanOrEqual(handles + 64)
  })

  it('takes less than 2.2 GB for a ResNet-34 that learns from 16 pictures of 224 px (in a process of its own)', async () => {
    const child = new URL('memory/child.ts', import.meta.url).pathname
    const args = ['--conditions=espalier-source', '--import', 'tsx', child, '16', '224', '3']
    const { stdout } = await run(process.execPath, args)
    const { parameters, losses, peak } = JSON.parse(stdout) as {
      readonly parameters: number
      readonly losses: readonly number[]
      readonly peak: number
    }
    console.log(`peak of a ResNet-34 step, 16 × 224 px: ${(peak / 1e9).toFixed(2)} GB`)
    expect(parameters, 'weights of a ResNet-34 with 2 classes').toBe(21_285_698)
    expect(losses).toHaveLength(3)
    expect(losses.every(Number.isFinite)).toBe(true)
    expect(peak / 1e9, 'peak in GB').toBeLessThan(2.2)
    expect(peak / 1e9, 'what 21 million weights, their gradients and averages take at least').toBeGreaterThan(
      0.5,
    )
  }, 180_000)
})
