import { collate, ndArray, Random, row } from '@espalier/data'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../src/engine/engine.js'
import { record } from '../src/engine/tape.js'
import * as tf from '../src/engine/tf.js'
import { readSafetensors, writeSafetensors } from '../src/io/safetensors.js'
import { loadStateDict, stateDict } from '../src/io/state-dict.js'
import { crossEntropyFlat } from '../src/losses/cross-entropy.js'
import { accuracy } from '../src/metrics/accuracy.js'
import { avgMetric } from '../src/metrics/metric.js'
import { withSeed } from '../src/nn/init.js'
import { Linear } from '../src/nn/linear.js'
import { schedCos, schedExp, schedLin, schedPoly } from '../src/schedule/anneal.js'
import { combinedCos } from '../src/schedule/combine.js'
import { toyLearner, toyLoaders, weightsOf } from './toy.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** As many cases as reliability asks for; a failure says its seed. */
const check = (property: fc.IProperty<never>) => fc.assert(property, { numRuns: 1000 })
const unit = fc.double({ min: 0, max: 1, noNaN: true })
const rate = fc.double({ min: 1e-8, max: 10, noNaN: true })

it('schedules stay between their ends', () => {
  check(
    fc.property(rate, rate, unit, (start, end, pos) => {
      const [low, high] = [Math.min(start, end) * (1 - 1e-6), Math.max(start, end) * (1 + 1e-6)]
      for (const sched of [schedLin, schedCos, schedExp, (a: number, b: number) => schedPoly(a, b, 2)]) {
        const value = sched(start, end)(pos)
        expect(value).toBeGreaterThanOrEqual(low)
        expect(value).toBeLessThanOrEqual(high)
      }
      const cycle = combinedCos(0.25, start / 25, start, start / 1e5)(pos)
      expect(cycle).toBeGreaterThan(0)
      expect(cycle).toBeLessThanOrEqual(start * (1 + 1e-6))
    }) as never,
  )
})

it('what is stacked can be taken apart again', () => {
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
  check(
    fc.property(shape, fc.integer({ min: 1, max: 5 }), fc.integer(), (dims, n, seed) => {
      const random = new Random(seed, 'arrays')
      const size = dims.reduce((a, b) => a * b, 1)
      const samples = Array.from({ length: n }, () => [
        ndArray(
          'float32',
          dims,
          Float32Array.from({ length: size }, () => random.normal()),
        ),
        random.int(100),
      ])
      const [arrays, numbers] = collate(
        samples,
        samples.map((_, i) => String(i)),
      )
      samples.forEach(([array, number], i) => {
        expect(row(arrays!, i)).toEqual(array)
        expect(row(numbers!, i).data[0]).toBe(number)
      })
    }) as never,
  )
})

it('a state dict comes back as it was, through a file', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.nat())
  check(
    fc.property(sizes, ([nIn, nOut, seed]) => {
      using from = withSeed(seed, () => new Linear(nIn, nOut))
      using to = withSeed(seed + 1, () => new Linear(nIn, nOut))
      const { tensors } = readSafetensors(writeSafetensors(stateDict(from)))
      loadStateDict(to, tensors)
      expect(stateDict(to)).toEqual(stateDict(from))
    }) as never,
  )
})

it('streams of draws do not know of each other', () => {
  check(
    fc.property(fc.nat(), fc.nat(1000), fc.nat(50), (seed, place, others) => {
      const alone = new Random(seed, 'order', place)
      const beside = new Random(seed, 'order', place)
      const other = new Random(seed, 'sample', place)
      for (let i = 0; i < others; i++) other.uint32()
      const [a, b] = [alone, beside].map((r) => Array.from({ length: 8 }, () => r.uint32()))
      expect(b).toEqual(a)
      expect(Array.from({ length: 8 }, () => other.uint32())).not.toEqual(a)
    }) as never,
  )
})

it('a metric does not depend on the order of the batches', () => {
  const batches = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat()), { minLength: 1, maxLength: 6 })
  check(
    fc.property(batches, (parts) => {
      const measured = (order: typeof parts) => {
        const metric = avgMetric(accuracy)
        tf.tidy(() => {
          for (const [bs, seed] of order) {
            const random = new Random(seed, 'batch')
            const pred = tf.tensor(
              Array.from({ length: bs * 3 }, () => random.normal()),
              [bs, 3],
            )
            const target = tf.tensor1d(
              Array.from({ length: bs }, () => random.int(3)),
              'int32',
            )
            metric.accumulate({ pred, targets: [target], loss: 0, bs })
          }
        })
        return metric.value()
      }
      expect(measured([...parts].reverse())).toBeCloseTo(measured(parts)!, 6)
    }) as never,
  )
})

const rows = (n: number, seed: number) => {
  const random = new Random(seed, 'rows')
  return Array.from({ length: n }, () => Array.from({ length: 4 }, () => random.normal()))
}

/** The gradients of a linear classifier's loss on a batch. */
function gradients(layer: Linear, x: readonly (readonly number[])[], y: readonly number[]): number[][] {
  return tf.tidy(() => {
    const input = tf.tensor2d(x as number[][])
    const target = tf.tensor1d([...y], 'int32')
    const { result, tape } = record(() => crossEntropyFlat(layer.forward(input) as tf.Tensor, target))
    using used = tape
    return used.backward(result, layer.parameters()).map((g) => Array.from(g!.dataSync()))
  })
}

it('the order of a batch does not change its gradient', () => {
  using layer = withSeed(1, () => new Linear(4, 3))
  for (let seed = 0; seed < 50; seed++) {
    const x = rows(6, seed)
    const y = x.map((_, i) => i % 3)
    const order = new Random(seed, 'order').permutation(6)
    const [one, other] = [
      gradients(layer, x, y),
      gradients(
        layer,
        order.map((i) => x[i]!),
        order.map((i) => y[i]!),
      ),
    ]
    one.forEach((g, k) => {
      g.forEach((v, i) => {
        expect(other[k]![i]).toBeCloseTo(v, 6)
      })
    })
  }
})

it('renaming the classes renames the gradients', () => {
  using layer = withSeed(1, () => new Linear(4, 3))
  const x = rows(9, 3)
  const y = x.map((_, i) => i % 3)
  const shift = (k: number) => (k + 1) % 3
  const before = gradients(layer, x, y)
  for (const p of layer.parameters()) {
    const axis = p.rank - 1
    const moved = tf.tidy(() => tf.gather(p as tf.Tensor, [2, 0, 1], axis))
    p.assign(moved)
    moved.dispose()
  }
  const after = gradients(layer, x, y.map(shift))
  before.forEach((g, k) => {
    g.forEach((v, i) => {
      const [r, c] = [Math.floor(i / 3), i % 3]
      expect(after[k]![r * 3 + shift(c)]).toBeCloseTo(v, 6)
    })
  })
})

it('evaluation changes nothing, and gives the same twice', async () => {
  using learn = toyLearner(await toyLoaders())
  await learn.fit(1, 0.01)
  const before = weightsOf(learn)
  const [first, second] = [await learn.getPreds(), await learn.getPreds()]
  expect(second.preds).toEqual(first.preds)
  expect(await learn.validate()).toEqual(await learn.validate())
  expect(weightsOf(learn)).toEqual(before)
})

it('a data set twice over has the loss of it once', async () => {
  using once = toyLearner(await toyLoaders({ valid: 8 }))
  const { dataset } = once.dls.valid
  const twice = once.dls.valid.with(
    {},
    {
      length: 2 * dataset.length,
      sample: (i, context) => dataset.sample(i % dataset.length, context),
      id: (i) => dataset.id(i % dataset.length),
    },
  )
  const [a, b] = [await once.validate(), await once.validate(twice)]
  expect(b['valid_loss']).toBeCloseTo(a['valid_loss']!, 6)
})
