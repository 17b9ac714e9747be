import {
  type Block,
  type Card,
  type CategoryPrediction,
  categoryBlock,
  DataLoaders,
  dataBlock,
  type NdArray,
  ndArray,
  SkipItem,
} from '@espalier/data'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { classes, features, labelOf, type ToyOptions, toyLearner, toyLoaders } from '../../test/toy.js'
import { multiLearner, regressionLearner } from '../../test/toy-targets.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { accuracy } from '../metrics/accuracy.js'
import { Linear } from '../nn/linear.js'
import { Module } from '../nn/module.js'
import type { Callback } from './callback.js'
import { Learner } from './learner.js'
import type { WithInput } from './predict.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const torn = (...bad: readonly string[]): ToyOptions => ({
  encode(item) {
    if (bad.includes(item)) throw new SkipItem('torn file')
    return features(item)
  },
})

describe('getPreds', () => {
  it('gives every item of the set in its order, whatever the batches', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 11 }))
    await learn.fit(1, 1e-2)
    const whole = await learn.getPreds({ withLoss: true, dl: learn.dls.valid.with({ bs: 11 }) })
    const { preds, targets, decoded, losses, indices, ids } = await learn.getPreds({
      withLoss: true,
      dl: learn.dls.valid.with({ bs: 4 }),
    })
    expect(preds.shape).toEqual([11, 3])
    expect(indices).toEqual(Array.from({ length: 11 }, (_, i) => i))
    expect(ids).toEqual(indices.map((i) => `row ${24 + i}`))
    expect([...targets[0]!.data]).toEqual(ids.map((id) => classes.indexOf(labelOf(id))))
    for (let i = 0; i < 11; i++) {
      const row = Float32Array.from(preds.data.slice(i * 3, i * 3 + 3))
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
      expect(decoded.data[i]).toBe(row.indexOf(Math.max(...row)))
      expect(losses![i]).toBeCloseTo(-Math.log(row[targets[0]!.data[i]!]!), 4)
    }
    for (const [i, v] of preds.data.entries()) expect(v).toBeCloseTo(whole.preds.data[i]!, 5)
    const mean = losses!.reduce((a, b) => a + b) / 11
    expect((await learn.validate())['valid_loss']).toBeCloseTo(mean, 5)
  })

  it('walks a shuffled loader in order, whole', async () => {
    using learn = toyLearner(await toyLoaders({ train: 30 }))
    const { indices } = await learn.getPreds({ dl: learn.dls.train })
    expect(indices).toEqual(Array.from({ length: 30 }, (_, i) => i))
  })

  it('leaves out what cannot be read, and says which items the rows are', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 6, bs: 4, ...torn('row 25', 'row 28') }))
    const { preds, ids, targets } = await learn.getPreds()
    expect(ids).toEqual(['row 24', 'row 26', 'row 27', 'row 29'])
    expect(preds.shape).toEqual([4, 3])
    expect([...targets[0]!.data]).toEqual(ids.map((id) => classes.indexOf(labelOf(id))))
  })

  it('changes neither the mode of the model nor its statistics', async () => {
    using learn = toyLearner(await toyLoaders())
    await learn.fit(1, 1e-2)
    learn.model.norm.training = false
    learn.model.drop.training = true
    const mean = [...learn.model.norm.runningMean.dataSync()]
    await learn.getPreds()
    await learn.validate()
    expect([learn.model.norm.training, learn.model.drop.training]).toEqual([false, true])
    expect([...learn.model.norm.runningMean.dataSync()]).toEqual(mean)
    expect(learn.recorder.values).toHaveLength(1)
  })

  it('has nothing to predict: an error', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 0 }))
    await expect(learn.getPreds()).rejects.toThrow('there is nothing to predict: the loader is empty')
  })
})

describe('predict', () => {
  it('reads one item as getPreds does the set', async () => {
    using learn = toyLearner(await toyLoaders())
    await learn.fit(3, 1e-2)
    expectTypeOf(learn.predict('row 1')).resolves.toEqualTypeOf<CategoryPrediction>()
    const { preds, ids } = await learn.getPreds()
    const { label, index, probabilities } = await learn.predict(ids[3])
    expect(label).toBe(classes[index])
    for (const [i, p] of probabilities.entries()) expect(p).toBeCloseTo(preds.data[9 + i]!, 5)
    const all = await learn.predictBatch(ids)
    expect(all[3]!.label).toBe(label)
    expect(all).toHaveLength(8)
  })

  it('names an item that cannot be read, also among others', async () => {
    using learn = toyLearner(await toyLoaders(torn('row 100')))
    await expect(learn.predict('row 100')).rejects.toThrow('cannot read row 100: torn file')
    await expect(learn.predictBatch(['row 99', 'row 100', 'row 101'])).rejects.toThrow(
      'cannot read row 100: torn file',
    )
  })

  it('gives the item as the model saw it, if asked to', async () => {
    using learn = toyLearner(await toyLoaders())
    const { input, prediction } = await learn.predict('row 3', { withInput: true })
    expectTypeOf(input).toEqualTypeOf<Card>()
    expect(prediction).toEqual(await learn.predict('row 3'))
    expect(input).toHaveLength(1)
    const shown = (input[0] as { text: string }).text.split(', ').map(Number)
    expect(shown).toEqual(features('row 3').map((v) => expect.closeTo(v, 4)))
    const all = await learn.predictBatch(['row 1', 'row 3'], { withInput: true })
    expectTypeOf(all).toEqualTypeOf<WithInput<CategoryPrediction>[]>()
    expect(all[1]!.input).toEqual(input)
  })

  it('walks a list in batches, quietly, and gives each item its own', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 8, bs: 4 }))
    const sizes: number[] = []
    const ear: Callback = { name: 'ear', afterBatch: ({ batch }) => void sizes.push(batch.indices.length) }
    const items = Array.from({ length: 11 }, (_, i) => `row ${90 - i}`)
    const all = await learn.with({ cbs: [ear] }, () => learn.predictBatch(items))
    expect(sizes).toEqual([4, 4, 3])
    const { preds } = await learn.getPreds({ dl: learn.dls.testDl(items) })
    expect(all.flatMap((p) => [...p.probabilities])).toEqual([...preds.data])
    all[0]!.probabilities.fill(0)
    expect(all[1]!.probabilities[0]).toBe(preds.data[3])
    const bytes = all[0]!.probabilities.buffer.byteLength
    expect(bytes).toBe(12) // what is kept of a prediction does not keep its batch
  })

  it('reads predictions of any target', async () => {
    using many = await multiLearner()
    const labels = await many.predict('row 30')
    expectTypeOf(labels).toEqualTypeOf<readonly string[]>()
    const { preds } = await many.getPreds({ dl: many.dls.testDl(['row 30']) })
    expect(labels).toEqual(['first', 'second', 'third'].filter((_, i) => preds.data[i]! > 0.5))
    using numbers = await regressionLearner()
    const [a, b] = await numbers.predictBatch(['row 30', 'row 31'])
    const raw = await numbers.getPreds({ dl: numbers.dls.testDl(['row 30', 'row 31']) })
    expect([a, b]).toEqual([...raw.preds.data])
  })

  it('feeds a model of several inputs', async () => {
    using learn = await pairLearner()
    const { preds, ids } = await learn.getPreds()
    const { prediction, input } = await learn.predict(ids[2], { withInput: true })
    expect([...prediction.probabilities]).toEqual([...preds.data.slice(4, 6)])
    expect(input).toHaveLength(2)
    const { inputs } = await learn.getPreds({ withInput: true })
    expect(inputs.map((x) => x.shape)).toEqual([
      [4, 4],
      [4, 2],
    ])
  })

  it('needs to know how a prediction is read', async () => {
    const dls = await toyLoaders()
    const { target: _, ...rest } = dls.options
    using learn = toyLearner(new DataLoaders(dls.train, dls.valid, rest))
    await expect(learn.predict('row 1')).rejects.toThrow(
      'do not say how to read a prediction\n  → use getPreds',
    )
  })
})

describe('validate', () => {
  it('takes options: a part, a loader, callbacks', async () => {
    using learn = toyLearner(await toyLoaders({ train: 41, valid: 8 }), { metrics: [accuracy] })
    const plain = await learn.validate()
    expect(await learn.validate({})).toEqual(plain)
    expect(await learn.validate({ dsIdx: 1 })).toEqual(plain)
    expect(await learn.validate({ dl: learn.dls.valid })).toEqual(plain)
    const whole = learn.dls.train.with({ shuffle: false, dropLast: false, split: 1 })
    expect(await learn.validate({ dsIdx: 0 })).toEqual(await learn.validate(whole))
    const { losses } = await learn.getPreds({ dsIdx: 0, withLoss: true })
    const mean = losses.reduce((a, b) => a + b) / 41
    expect((await learn.validate({ dsIdx: 0 }))['valid_loss']).toBeCloseTo(mean, 5)
    const zero: Callback = {
      name: 'zero',
      afterPred: (s) => {
        s.pred = tf.zerosLike(s.pred)
      },
    }
    const blank = await learn.validate({ cbs: [zero] })
    expect(blank['valid_loss']).toBeCloseTo(Math.log(3), 5)
    expect(await learn.validate()).toEqual(plain)
    await expect(learn.validate({ cbs: [zero.afterPred] as never })).rejects.toThrow('which is no callback')
    await expect(learn.validate({ dsIdx: '1' as never })).rejects.toThrow('dsIdx is 0 or 1, got string "1"')
  })

  it('names its numbers, and measures any loader', async () => {
    using learn = toyLearner(await toyLoaders({ train: 40, valid: 8 }), { metrics: [accuracy] })
    await learn.fit(5, 2e-2)
    const valid = await learn.validate()
    expect(Object.keys(valid)).toEqual(['valid_loss', 'accuracy'])
    expect(learn.recorder.values.at(-1)!.slice(1)).toEqual([valid['valid_loss'], valid['accuracy']])
    const train = await learn.validate(learn.dls.train.with({ shuffle: false, dropLast: false, split: 1 }))
    expect(train['valid_loss']).toBeLessThan(valid['valid_loss']!)
  })
})

/** The features of an item, or the first `n` of them. */
const part = (n: number): Block<string, NdArray<'float32'>> => ({
  name: `first ${n}`,
  typeTfms: () => [
    { name: 'part', encode: (item: string) => ndArray('float32', [n], features(item).slice(0, n)) },
  ],
})

class Pair extends Module<[tf.Tensor2D, tf.Tensor2D], tf.Tensor2D> {
  readonly one = new Linear(4, 2)
  readonly two = new Linear(2, 2)

  forward(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
    return tf.add(this.one.forward(a), this.two.forward(b))
  }
}

/** Two inputs and a class. */
async function pairLearner() {
  const itself = (item: string) => item
  const dls = await dataBlock({
    blocks: [part(4), part(2), categoryBlock({ vocab: ['down', 'up'] })],
    getters: [itself, itself, (item: string) => (features(item)[0]! > 0 ? 'up' : 'down')],
    splitter: (items: readonly string[]) => [items.map((_, i) => i).slice(4), [0, 1, 2, 3]],
    nInp: 2,
  }).dataLoaders(
    Array.from({ length: 12 }, (_, i) => `row ${i}`),
    { bs: 4 },
  )
  return new Learner(dls, new Pair(), { verbose: false })
}
