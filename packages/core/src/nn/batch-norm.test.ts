import { beforeAll, describe, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { BatchNorm } from './batch-norm.js'
import { InstanceNorm2d } from './instance-norm.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const x = () => tf.tensor2d([1, -2, 3, 0.5, 4, 1, 8, -4], [4, 2])

function run(norm: BatchNorm, input: () => tf.Tensor = x): number[] {
  return tf.tidy(() => [...norm.forward(input()).dataSync()])
}

const close = (got: ArrayLike<number>, want: readonly number[]) => {
  expect(got).toHaveLength(want.length)
  for (const [i, w] of want.entries()) expect(got[i], `element ${i}`).toBeCloseTo(w, 4)
}

function affine(): BatchNorm {
  const norm = new BatchNorm(2, { ndim: 1 })
  tf.tidy(() => {
    norm.weight.assign(tf.tensor1d([2, 0.5]))
    norm.bias.assign(tf.tensor1d([0.1, -1]))
  })
  return norm
}

describe('batch norm has the numbers of torch', () => {
  const trained = [-2.2534, -1.2175, -0.6845, -0.5961, 0.1, -0.4718, 3.2379, -1.7146]

  it('in training, with running statistics of the unbiased variance', () => {
    using norm = affine()
    close(run(norm), trained)
    close(norm.runningMean.dataSync(), [0.4, -0.1125])
    close(norm.runningVar.dataSync(), [1.7667, 1.4396])
    close(
      run(norm, () => tf.add(tf.mul(x(), 2), 1)),
      trained,
    )
    close(norm.runningMean.dataSync(), [1.26, -0.2262])
    close(norm.runningVar.dataSync(), [5.0567, 3.454])
    expect(norm.batchesTracked).toBe(2)
  })

  it('in evaluation, which changes nothing', () => {
    using norm = affine()
    run(norm)
    run(norm, () => tf.add(tf.mul(x(), 2), 1))
    norm.eval()
    for (let i = 0; i < 2; i++) {
      close(run(norm), [-0.1312, -1.4772, 1.6476, -0.8046, 2.537, -0.6701, 6.0946, -2.0153])
    }
    expect(norm.batchesTracked).toBe(2)
  })
})

it('momentum says how much of a batch goes into the running statistics', () => {
  using all = new BatchNorm(2, { momentum: 1 })
  run(all)
  close(all.runningMean.dataSync(), [4, -1.125])
  using none = new BatchNorm(2, { momentum: 0 })
  run(none)
  close(none.runningMean.dataSync(), [0, 0])
  close(none.runningVar.dataSync(), [1, 1])
})

it('starts at what it is told', () => {
  using norm = new BatchNorm(2, { initial: { weight: 0, bias: 1e-3 } })
  close(norm.weight.dataSync(), [0, 0])
  close(norm.bias.dataSync(), [1e-3, 1e-3])
})

it('cannot train on one value per channel', () => {
  using norm = new BatchNorm(2)
  expect(() => run(norm, () => tf.ones([1, 2]))).toThrow(
    'batchNorm: one value per channel (input [1,2]) has no variance to train with\n  → use batches of at least 2',
  )
  expect(() => run(norm, () => tf.ones([4, 3]))).toThrow('expected 2 channels, got 3')
  expect(norm.batchesTracked).toBe(0)
  norm.eval()
  expect(run(norm, () => tf.ones([1, 2]))).toHaveLength(2)
  expect(() => run(norm, () => tf.ones([4, 3]))).toThrow('expected 2 channels, got 3')
})

it('instance norm has the numbers of torch', () => {
  using norm = new InstanceNorm2d(1)
  tf.tidy(() => {
    close(norm.forward(tf.tensor4d([1, 2, 3, 5], [1, 2, 2, 1])).dataSync(), [-1.1832, -0.5071, 0.169, 1.5213])
  })
})
