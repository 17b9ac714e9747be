import { DataLoader, type Dataset, type NdArray, ndArray, SkipItem } from '@espalier/data'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { classes, features, labelOf, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { Module } from '../nn/module.js'
import type { Callback } from './callback.js'
import { Learner } from './learner.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** A loader with an order of its own, as one that sorts texts by their length. */
class Backwards extends DataLoader {
  override order(epoch: number): readonly number[] {
    return super.order(epoch).toReversed()
  }
}

const backwards = ({ dataset, options }: DataLoader) => new Backwards(dataset, options)

describe('what is walked', () => {
  it('is the training set, whole and in order, for dsIdx 0', async () => {
    using learn = toyLearner(await toyLoaders({ train: 21, bs: 8 }))
    const { indices, ids, targets } = await learn.getPreds({ dsIdx: 0 })
    expect(indices).toEqual(Array.from({ length: 21 }, (_, i) => i))
    expect(ids.at(-1)).toBe('row 20')
    expect([...targets[0]!.data]).toEqual(ids.map((id) => classes.indexOf(labelOf(id))))
    await expect(learn.getPreds({ dsIdx: 2 as 1 })).rejects.toThrow('dsIdx is 0 or 1, got number')
  })

  it('comes back in the order of the set, also from a loader with an order of its own', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 11, bs: 4 }))
    const options = { withLoss: true, withInput: true } as const
    const plain = await learn.getPreds(options)
    const own = await learn.getPreds({ ...options, dl: backwards(learn.dls.valid) })
    expect(own.indices).toEqual(plain.indices)
    expect(own.ids).toEqual(plain.ids)
    expect(own.targets).toEqual(plain.targets)
    expect(own.decoded).toEqual(plain.decoded)
    expect(own.inputs).toEqual(plain.inputs)
    for (const [i, v] of own.preds.data.entries()) expect(v).toBeCloseTo(plain.preds.data[i]!, 6)
    for (const [i, v] of own.losses.entries()) expect(v).toBeCloseTo(plain.losses[i]!, 5)
  })

  it('keeps rows and names together where items in the middle cannot be read', async () => {
    const encode = (item: string) => {
      if (['row 25', 'row 30', 'row 33'].includes(item)) throw new SkipItem('torn')
      return features(item)
    }
    using learn = toyLearner(await toyLoaders({ valid: 11, bs: 4, encode }))
    const { ids, indices, inputs, targets } = await learn.getPreds({
      dl: backwards(learn.dls.valid),
      withInput: true,
    })
    expect(ids).toEqual(indices.map((i) => `row ${24 + i}`))
    expect(ids).toHaveLength(8)
    expect([...inputs[0]!.data]).toEqual([...Float32Array.from(ids.flatMap(features))])
    expect([...targets[0]!.data]).toEqual(ids.map((id) => classes.indexOf(labelOf(id))))
  })
})

describe('what is brought back', () => {
  it('follows the options, in types too', async () => {
    using learn = toyLearner(await toyLoaders())
    const all = await learn.getPreds({ withLoss: true, withInput: true })
    expectTypeOf(all.losses).toEqualTypeOf<Float32Array>()
    expectTypeOf(all.inputs).toEqualTypeOf<readonly NdArray[]>()
    const usual = await learn.getPreds()
    expect(Object.keys(usual)).toEqual(['indices', 'ids', 'preds', 'decoded', 'targets'])
    const few = await learn.getPreds({ decode: true, withTargs: false })
    expect(Object.keys(few)).toEqual(['indices', 'ids', 'decoded', 'targets'])
    expect(few.targets).toEqual([])
    expect(few.decoded).toEqual(all.decoded)
    // @ts-expect-error decode leaves the activations out
    expect(few.preds).toBeUndefined()
    const bare = await learn.getPreds({ withDecoded: false })
    // @ts-expect-error nothing was decoded
    expect(bare.decoded).toBeUndefined()
    await expect(learn.getPreds({ decode: true, withDecoded: false })).rejects.toThrow(
      'leave out one of them',
    )
  })

  it('is activated as act says', async () => {
    using learn = toyLearner(await toyLoaders())
    const raw = await learn.getPreds({ act: (x) => x })
    const probs = await learn.getPreds()
    const softmax = tf.tidy(() => tf.softmax(tf.tensor2d(raw.preds.data as Float32Array, [8, 3])).dataSync())
    for (const [i, v] of softmax.entries()) expect(probs.preds.data[i]).toBeCloseTo(v, 6)
    expect(raw.decoded).toEqual(probs.decoded)
    await expect(learn.getPreds({ act: 'softmax' as never })).rejects.toThrow('act must be a function')
  })

  it('hears callbacks of its own', async () => {
    using learn = toyLearner(await toyLoaders())
    const heard: string[] = []
    const cb: Callback = {
      name: 'ear',
      beforeValidate: ({ phase }) => void heard.push(phase),
      afterPred: (s) => {
        s.pred = tf.zerosLike(s.pred)
      },
    }
    const { preds } = await learn.getPreds({ cbs: [cb] })
    expect(heard).toEqual(['validate'])
    for (const p of preds.data) expect(p).toBeCloseTo(1 / 3, 6)
  })

  it('needs targets and a loss per item for the losses', async () => {
    using learn = toyLearner(await toyLoaders())
    await expect(learn.getPreds({ dl: learn.dls.testDl(['row 1']), withLoss: true })).rejects.toThrow(
      'the loss of each item needs targets, and these items have none\n  → give labels',
    )
    using other = toyLearner(await toyLoaders(), { lossFunc: (p) => tf.mean(p) })
    await expect(other.getPreds({ withLoss: true })).rejects.toThrow('this loss cannot be taken item by item')
    await expect(other.interpret()).rejects.toThrow('this loss cannot be taken item by item')
  })

  it('is nothing where every batch was cancelled, and the others where one was', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 11, bs: 4 }))
    const { cancel } = await import('./cancel.js')
    const skipping = (n: number): Callback => ({
      name: 'skipping',
      beforeBatch: ({ iter }) => {
        if (iter >= n) cancel('batch')
      },
    })
    expect((await learn.getPreds({ cbs: [skipping(2)] })).indices).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    await expect(learn.getPreds({ cbs: [skipping(0)] })).rejects.toThrow('there is nothing to predict')
  })
})

/** Gives back each number of its input as a row of two. */
class Twice extends Module<[tf.Tensor2D], tf.Tensor> {
  forward(x: tf.Tensor2D): tf.Tensor {
    return tf.stack([x, x], 2)
  }
}

/** Sequences of 2, 3, … numbers, two of each length. */
const sequences = (n: number): Dataset => ({
  length: n,
  sample: async (i) => {
    const length = 2 + Math.floor(i / 2)
    return [ndArray('float32', [length], new Float32Array(length).fill(i)), ndArray('float32', [], [i])]
  },
  id: (i) => `sequence ${i}`,
})

const sequenceLearner = async () => {
  const dls = (await toyLoaders()).with({ bs: 2 })
  const dl = new DataLoader(sequences(6), { bs: 2, split: 1 })
  return {
    learn: new Learner(dls as never, new Twice(), { verbose: false, lossFunc: (p) => tf.mean(p) }),
    dl,
  }
}

describe('rows that differ in shape', () => {
  it('are a list, in order; reading them as one array says so', async () => {
    const { learn, dl } = await sequenceLearner()
    using _ = learn
    const result = await learn.getPreds({ dl: backwards(dl), withInput: true })
    expect(result.rows.preds.map((p) => p.shape)).toEqual([
      [2, 2],
      [2, 2],
      [3, 2],
      [3, 2],
      [4, 2],
      [4, 2],
    ])
    expect(result.rows.preds.map((p) => p.data[0])).toEqual([0, 1, 2, 3, 4, 5])
    expect(result.rows.inputs[0]!.map((p) => p.data.length)).toEqual([2, 2, 3, 3, 4, 4])
    expect(result.ids[3]).toBe('sequence 3')
    expect([...result.targets[0]!.data]).toEqual([0, 1, 2, 3, 4, 5])
    expect(() => result.preds).toThrow(
      'the predictions differ in shape from item to item: [2,2], [3,2], [4,2]\n  → take them one by one from `rows`',
    )
    expect(() => result.inputs).toThrow('the inputs differ in shape')
  })

  it('are views of the array where they do not', async () => {
    using learn = toyLearner(await toyLoaders())
    const { rows, preds, decoded } = await learn.getPreds()
    expect(rows.preds).toHaveLength(8)
    expect(rows.preds[3]!.data).toEqual(preds.data.slice(9, 12))
    expect(rows.decoded[3]!.data[0]).toBe(decoded.data[3])
    expect(rows.targets[0]).toHaveLength(8)
  })

  it('must be as many as the batch has', async () => {
    const { learn, dl } = await sequenceLearner()
    using _ = learn
    learn.model.forward = (x) => tf.reshape(x, [-1])
    await expect(learn.getPreds({ dl })).rejects.toThrow(
      'the model gave [4] for a batch of 2 items, which is no row for each',
    )
  })
})
