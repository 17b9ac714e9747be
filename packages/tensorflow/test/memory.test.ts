import { record, tf, useEngine } from '@espalier/core'
import {
  batchNormTrain,
  conv2d,
  maxPool2d,
  relu,
  sparseCrossEntropy,
  updateKernels,
} from '@espalier/core/kernels'
import { beforeAll, expect, it } from 'vitest'
import { describeNative } from './support/native.js'

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
})
