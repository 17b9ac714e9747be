import { type ItemTransform, type NdArray, ndArray, Random, SkipItem } from '@espalier/data'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { features, fingerprint, type ToyLearner, toyLearner, toyLoaders } from '../../test/toy.js'
import { regressionLearner } from '../../test/toy-targets.js'
import { type TensorTransform, tensorTransform } from '../batch/tensor-transform.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** Adds a number of its own to every item, in training only. */
const noise = (seen: number[] = []): TensorTransform =>
  tensorTransform({
    name: 'noise',
    splitIdx: 0,
    encode([x, ...rest], { indices, place }) {
      seen.push(place.epoch)
      const draws = indices.map((i) => shift(place.seed, place.epoch, i))
      return [tf.add(x!, tf.tensor2d(draws, [draws.length, 1])), ...rest]
    },
  })

const shift = (seed: number, epoch: number, i: number) => new Random(seed, 'noise', epoch, i).normal()

/** Halves what training sees. */
const half: ItemTransform = {
  name: 'half',
  splitIdx: 0,
  encode: (x) => {
    const array = x as NdArray
    return array.shape.length === 0
      ? x
      : ndArray(
          'float32',
          array.shape,
          Array.from(array.data, (v) => v / 2),
        )
  },
}

/** The probabilities of rows that are given as numbers, with the model as it is for validation. */
function probabilities(learn: ToyLearner, rows: readonly (readonly number[])[]): number[] {
  learn.model.eval()
  return tf.tidy(() => [...tf.softmax(learn.model.forward(tf.tensor2d(rows.map((r) => [...r])))).dataSync()])
}

const learner = async (options = {}, seen?: number[]) =>
  toyLearner((await toyLoaders({ valid: 11, bs: 4, ...options })).with({ batchTfms: [noise(seen)] }))

function close(got: ArrayLike<number>, want: readonly number[]): void {
  expect(got).toHaveLength(want.length)
  for (const [i, v] of want.entries()) expect(got[i]).toBeCloseTo(v, 5)
}

describe('tta', () => {
  it('averages what hand and rule say: altered passes, and a quarter of the plain one', async () => {
    using learn = await learner()
    const rows = Array.from({ length: 11 }, (_, i) => features(`row ${24 + i}`))
    const plain = probabilities(learn, rows)
    const passes = [-1, -2, -3].map((epoch) =>
      probabilities(
        learn,
        rows.map((r, i) => r.map((v) => v + shift(42, epoch, i))),
      ),
    )
    const mean = plain.map((_, i) => passes.reduce((sum, p) => sum + p[i]!, 0) / 3)
    const most = plain.map((_, i) => Math.max(...passes.map((p) => p[i]!)))
    const of = (beta: number) => plain.map((p, i) => (1 - beta) * mean[i]! + beta * p)

    const { preds, decoded, ids, targets } = await learn.tta({ n: 3 })
    close(preds.data, of(0.25))
    expect([...decoded.data]).toEqual(rows.map((_, i) => argMax(preds.data.slice(3 * i, 3 * i + 3))))
    expect(ids).toEqual(rows.map((_, i) => `row ${24 + i}`))
    expect(targets[0]!.shape).toEqual([11])
    close((await learn.tta({ n: 3, beta: 0.9 })).preds.data, of(0.9))
    close(
      (await learn.tta({ n: 3, useMax: true })).preds.data,
      plain.map((p, i) => Math.max(p, most[i]!)),
    )
    const both = await learn.tta({ n: 3, beta: null })
    expectTypeOf(both.augmented).toEqualTypeOf<NdArray>()
    close(both.plain.data, plain)
    close(both.augmented.data, mean)
    close((await learn.tta({ n: 3, beta: null, useMax: true })).augmented.data, most)
  })

  it('draws the same every time, otherwise in every pass, and never as an epoch of training', async () => {
    const seen: number[] = []
    using learn = await learner({}, seen)
    const first = await learn.tta()
    expect(new Set(seen)).toEqual(new Set([-1, -2, -3, -4]))
    seen.length = 0
    await learn.fit(2, 0)
    expect(new Set(seen)).toEqual(new Set([0, 1]))
    const again = await learn.tta()
    expect(again.indices).toEqual(first.indices)
    const before = fingerprint(learn)
    expect((await learn.tta()).preds).toEqual(again.preds)
    expect(fingerprint(learn)).toBe(before)
    expect(learn.recorder.values).toHaveLength(2)
  })

  it('takes any loader, whatever its order and its end, and any transforms', async () => {
    using learn = await learner()
    const train = await learn.tta({ dsIdx: 0, n: 1 })
    expect(train.indices).toEqual(Array.from({ length: 24 }, (_, i) => i))
    expect((await learn.tta({ dl: learn.dls.train.with({ bs: 7 }), n: 1 })).ids).toEqual(train.ids)
    const test = await learn.tta({ dl: learn.dls.testDl(['row 100', 'row 101']) })
    expect(test.targets).toEqual([])
    const given = await learn.tta({ n: 1, beta: 0, batchTfms: [], itemTfms: [half] })
    close(
      given.preds.data,
      probabilities(
        learn,
        given.ids.map((id) => features(id).map((v) => v / 2)),
      ),
    )
  })

  it('leaves out what cannot be read; an item that one pass alone cannot read is named', async () => {
    const encode = (item: string) => {
      if (item === 'row 28') throw new SkipItem('torn')
      return features(item)
    }
    using learn = await learner({ encode })
    const { ids, preds } = await learn.tta({ n: 2 })
    expect(ids).not.toContain('row 28')
    expect(preds.shape).toEqual([10, 3])
    const moody: ItemTransform = {
      name: 'moody',
      splitIdx: 0,
      encode(x, _, { random }) {
        if (random.uniform() < 0.2) throw new SkipItem('not today')
        return x
      },
    }
    await expect(learn.tta({ itemTfms: [moody] })).rejects.toThrow(
      /^row \d+ could be read in one pass and not in another/,
    )
  })

  it('averages numbers, and refuses what lies in the plane of a picture', async () => {
    using regression = await regressionLearner()
    const { preds, decoded } = await regression.tta({ n: 1 })
    expect(preds.shape).toEqual([8, 1])
    expect(decoded).toEqual(preds)
    using learn = await learner()
    const { forward } = learn.model
    learn.model.forward = function (this: typeof learn.model, x: tf.Tensor2D) {
      return tf.reshape(forward.call(this, x), [-1, 1, 1, 3]) as never
    }
    await expect(learn.tta()).rejects.toThrow('lie in the plane of the picture')
  })

  it('says what is wrong with its options', async () => {
    using learn = await learner()
    await expect(learn.tta({ n: 0 })).rejects.toThrow('n must be a whole number ≥ 1, got 0')
    await expect(learn.tta({ beta: 2 })).rejects.toThrow('beta must be a number from 0 to 1, got 2')
  })
})

const argMax = (row: ArrayLike<number>) => Array.from(row).indexOf(Math.max(...Array.from(row)))
