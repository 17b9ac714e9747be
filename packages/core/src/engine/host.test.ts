import { beforeAll, expect, it } from 'vitest'
import { sparseCrossEntropy } from '../kernels/cross-entropy.js'
import { type EngineName, useEngine } from './engine.js'
import { hostCompute, readHost } from './host.js'
import * as tf from './tf.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const engines: readonly EngineName[] = ['cpu', 'wasm']

it.each(engines)('%s: computes new tensors in plain loops over zeroed outputs', async (engine) => {
  await useEngine(engine)
  const x = tf.tensor1d([1, 2, 3])
  const [sum, count] = tf.tidy(() =>
    hostCompute([x], [{ shape: [1] }, { shape: [2], dtype: 'int32' }], ([xs], [s, n]) => {
      for (const v of xs!) s![0]! += v
      n!.set([...n!].map((v) => v + xs!.length))
    }),
  )
  expect([...readHost(sum!)]).toEqual([6])
  expect([...count!.dataSync()]).toEqual([3, 3])
  expect(count!.dtype).toBe('int32')
  tf.dispose([x, sum!, count!])
})

// A tensor that is moved grows the engine's memory while views of the others are being taken.
it('tensors of another engine are moved where they are needed, however large', async () => {
  await useEngine('cpu')
  const n = 3_000_000
  const logits = tf.ones<tf.Rank.R2>([n, 4])
  const labels = tf.zeros<tf.Rank.R1>([n], 'int32')
  await useEngine('wasm')
  const loss = tf.tidy(() => tf.max(sparseCrossEntropy(logits, labels)))
  expect(loss.dataSync()[0]).toBeCloseTo(Math.log(4), 3)
  await useEngine('cpu')
  expect(tf.tidy(() => tf.add(loss, 1).dataSync()[0])).toBeCloseTo(1 + Math.log(4), 3)
  tf.dispose([logits, labels, loss])
})
