import { type CategoryPrediction, DataLoaders, SkipItem } from '@espalier/data'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { classes, features, labelOf, type ToyOptions, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { accuracy } from '../metrics/accuracy.js'

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
