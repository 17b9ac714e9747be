import type { BatchTransform } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { features, type ToyOptions, toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { tensorTransform } from '../batch/tensor-transform.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { crossEntropyFlat } from '../losses/cross-entropy.js'
import { Conv2d } from '../nn/conv2d.js'
import { Linear } from '../nn/linear.js'
import { Module } from '../nn/module.js'
import type { Callback } from './callback.js'
import { Learner } from './learner.js'
import type { LearnerOptions } from './learner-options.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** Something that works but for its third use in a fit. */
function thirdTime<A extends unknown[], R>(
  use: (...args: A) => R,
): ((...args: A) => R) & { broken: boolean } {
  let uses = 0
  const f = (...args: A): R => {
    if (f.broken && ++uses === 3) throw new Error('third time')
    return use(...args)
  }
  f.broken = true
  return f
}

const tensors = () => tf.memory().numTensors

/** A fit that fails leaves no tensors but the optimizer's, and the next one works. */
async function failsOnce(
  fault: { broken: boolean },
  message: string | RegExp,
  loaders: ToyOptions & { readonly batchTfms?: readonly BatchTransform[] } = {},
  options: LearnerOptions<never> = {},
): Promise<void> {
  const { batchTfms, ...rest } = loaders
  const dls = await toyLoaders(rest)
  using learn = toyLearner(batchTfms ? dls.with({ batchTfms }) : dls, options as LearnerOptions)
  fault.broken = false
  await learn.fit(1, 1e-3)
  const before = tensors()
  fault.broken = true
  await expect(learn.fit(2, 1e-3)).rejects.toThrow(message)
  expect(tensors()).toBe(before)
  fault.broken = false
  await learn.fit(1, 1e-3)
  expect(tensors()).toBe(before)
  expect(learn.recorder.values).toHaveLength(1)
  expect(weightsOf(learn).every(Number.isFinite)).toBe(true)
}

describe('a throw leaves no tensors, and the next fit works: in', () => {
  it('the loss', async () => {
    const lossFunc = thirdTime((pred: tf.Tensor, target: tf.Tensor) => crossEntropyFlat(pred, target))
    await failsOnce(
      lossFunc,
      'the loss failed on predictions [8,3] and targets [8]: third time',
      {},
      { lossFunc: Object.assign(lossFunc, { decodes: (t: tf.Tensor) => t }) },
    )
  })

  for (const event of ['beforeBatch', 'afterPred', 'afterLoss', 'beforeStep', 'afterBatch'] as const) {
    it(`a callback, ${event}`, async () => {
      const handler = thirdTime((): void => {})
      await failsOnce(
        handler,
        `callback 'mine' failed in ${event}: third time`,
        {},
        { cbs: [{ name: 'mine', [event]: handler }] },
      )
    })
  }

  it('an item', async () => {
    const encode = thirdTime(features)
    await failsOnce(encode, /^loading row \d+: features failed on string "row \d+": third time$/, { encode })
  })

  it('a batch transform', async () => {
    const encode = thirdTime((ts: readonly tf.Tensor[]) => [tf.mul(ts[0]!, 2), ...ts.slice(1)])
    await failsOnce(encode, /^the batch transforms failed on row \d+, .* and 3 more: third time$/, {
      batchTfms: [tensorTransform({ name: 'double', encode })],
    })
  })

  it('a metric', async () => {
    const metric = thirdTime((pred: tf.Tensor) => tf.mean(pred))
    await failsOnce(
      metric,
      'a metric without a name failed on predictions [8,3] and targets [8]: third time',
      { valid: 24 },
      { metrics: [Object.defineProperty(metric, 'name', { value: '' })] },
    )
  })

  it('an item of validation', async () => {
    const encode = thirdTime(features)
    const later = (item: string) => (Number(item.split(' ')[1]) >= 24 ? encode(item) : features(item))
    await failsOnce(encode, 'loading row 26: features failed on string "row 26": third time', {
      encode: later,
    })
  })

  for (const event of [
    'beforeFit',
    'beforeEpoch',
    'afterTrain',
    'beforeValidate',
    'afterEpoch',
    'afterFit',
  ] as const) {
    it(`a callback outside the batches, ${event}`, async () => {
      const use = thirdTime((): void => {})
      const slow = async () => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        // Some events are heard once in a fit: they use it three times.
        for (let i = 0; i < 3; i++) use()
      }
      await failsOnce(
        use,
        `callback 'mine' failed in ${event}: third time`,
        {},
        { cbs: [{ name: 'mine', [event]: slow }] },
      )
    })
  }

  it('the model', async () => {
    const fault = thirdTime((): void => {})
    const dls = await toyLoaders()
    using learn = toyLearner(dls)
    const forward = learn.model.act.forward.bind(learn.model.act)
    learn.model.act.forward = (x) => {
      fault()
      return forward(x)
    }
    fault.broken = false
    await learn.fit(1, 1e-3)
    const [before, weights] = [tensors(), weightsOf(learn).length]
    fault.broken = true
    await expect(learn.fit(1, 1e-3)).rejects.toThrow(
      'the model (Mlp) cannot take a batch of [8,4]: third time\n  → compare the shape with what the layers expect',
    )
    expect(tensors()).toBe(before)
    fault.broken = false
    await learn.fit(1, 1e-3)
    expect(tensors()).toBe(before)
    expect(weightsOf(learn)).toHaveLength(weights)
  })
})

describe('a loss that is not a number', () => {
  const poison = (...bad: readonly string[]): ToyOptions => ({
    encode: (item) => (bad.includes(item) ? [Number.NaN, 0, 0, 0] : features(item)),
    shuffle: false,
  })

  it('stops the fit, names step, items and reason, and leaves the model as it was', async () => {
    using learn = toyLearner(await toyLoaders(poison('row 17')))
    let before: number[] = []
    const watch: Callback = {
      name: 'watch',
      afterBatch({ iter }) {
        if (iter === 1) before = weightsOf(learn)
      },
    }
    const error = await learn.fit(1, 1e-2, { cbs: [watch] }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'train/nan' })
    expect((error as Error).message).toBe(
      'the loss is NaN at step 2 (epoch 0, batch 2); the batch holds row 16, row 17, row 18, row 19, row 20 and 3 more\n' +
        '  → element 0 of row 17 is not finite: look at this item',
    )
    // Running statistics included: a model with NaN there could never be validated again.
    expect(weightsOf(learn)).toEqual(before)
    expect(learn.model.norm.batchesTracked).toBe(2)
    expect((await learn.validate())['valid_loss']).toBeGreaterThan(0)
  })

  it('blames the rate where the batch is fine', async () => {
    const lossFunc = (pred: tf.Tensor): tf.Tensor => tf.log(tf.neg(tf.sum(tf.square(pred))))
    using learn = toyLearner(await toyLoaders(), { lossFunc })
    await expect(learn.fit(1, 0.5)).rejects.toThrow(
      'a learning rate of 0.50 may be too high (lrFind suggests one)',
    )
    const infinite = (pred: tf.Tensor): tf.Tensor => tf.div(tf.sum(tf.square(pred)), 0)
    using other = toyLearner(await toyLoaders(), { lossFunc: infinite })
    await expect(other.fit(1)).rejects.toThrow('the loss is Infinity at step 0')
  })
})

describe('data and model that do not fit', () => {
  class Picture extends Module<[tf.Tensor2D], tf.Tensor2D> {
    readonly conv = new Conv2d(3, 2, 1)
    readonly out = new Linear(2, 3)
    forward(x: tf.Tensor2D) {
      const y = this.conv.forward(tf.reshape(x, [-1, 2, 2, 1]))
      return this.out.forward(tf.mean(y, [1, 2]))
    }
  }

  it('a convolution that gets another number of channels', async () => {
    using learn = new Learner(await toyLoaders(), new Picture(), { verbose: false })
    await expect(learn.fit(1)).rejects.toThrow(
      'the model (Picture) cannot take a batch of [8,4]: conv2d: expected 3 input channels, got 1 (input [8,2,2,1], filter [1,1,3,2])\n' +
        '  → compare the shape with what the layers expect: nIn is the number of channels',
    )
  })

  it('a label that the model has no output for', async () => {
    class Two extends Module<[tf.Tensor2D], tf.Tensor2D> {
      readonly out = new Linear(4, 2)
      forward(x: tf.Tensor2D) {
        return this.out.forward(x)
      }
    }
    using learn = new Learner(await toyLoaders(), new Two(), { verbose: false })
    await expect(learn.fit(1)).rejects.toThrow(
      'label 2 is not one of the 2 classes 0 … 1\n  → compare the vocabulary of the data',
    )
  })

  it('a batch of one with batch norm', async () => {
    using learn = toyLearner(await toyLoaders({ bs: 1 }))
    const before = weightsOf(learn)
    await expect(learn.fit(1)).rejects.toThrow(
      'batchNorm: one value per channel (input [1,8]) has no variance to train with\n' +
        '  → use batches of at least 2, leave out a last batch of 1 (dropLast), or put the model in eval mode',
    )
    expect(learn.opt.state.size).toBe(0)
    expect(weightsOf(learn)).toEqual(before)
    expect(await learn.validate()).toHaveProperty('valid_loss')
  })

  it('a last batch of one with batch norm: the same, where it is not left out', async () => {
    const loaders = { train: 17, dropLast: false, shuffle: false }
    using learn = toyLearner(await toyLoaders(loaders))
    await expect(learn.fit(1)).rejects.toThrow('leave out a last batch of 1 (dropLast)')
    using other = toyLearner(await toyLoaders({ ...loaders, dropLast: true }))
    await other.fit(1)
    expect(other.recorder.iters).toEqual([2])
  })
})
