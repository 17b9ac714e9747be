import {
  crossEntropyFlat,
  mseLossFlat,
  record,
  Sigmoid,
  stateDict,
  tf,
  useEngine,
  withSeed,
} from '@espalier/core'
import { ndArray } from '@espalier/data'
import { beforeAll, describe, expect, test } from 'vitest'
import { EmbeddingDotBias } from './embedding-dot-bias.js'
import { EmbeddingNN } from './embedding-nn.js'
import { TabularModel } from './tabular-model.js'

beforeAll(() => useEngine('cpu').then(() => {}))

const small = {
  embSzs: [
    [4, 3],
    [7, 5],
  ],
  nCont: 3,
  outSz: 2,
  layers: [20, 10],
} as const

describe('TabularModel', () => {
  test('has the number of weights that fastai has', () => {
    const embSzs = [
      [10, 6],
      [17, 8],
      [8, 5],
      [16, 8],
      [7, 5],
      [6, 4],
      [3, 3],
    ] as const
    using model = new TabularModel({ embSzs, nCont: 3, outSz: 2, layers: [200, 100] })
    expect(model.parameters().reduce((n, p) => n + p.size, 0)).toBe(29_640)
  })

  test('embeddings begin within two hundredths, with the deviation of a folded normal', () => {
    using model = withSeed(3, () => new TabularModel({ ...small, embSzs: [[500, 20]] }))
    const values = model.embeds.tables[0]!.weight.dataSync<'float32'>()
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.02)
    expect(deviation).toBeGreaterThan(0.008)
    expect(deviation).toBeLessThan(0.0095)
  })

  test('gradients are those of single lookups, repeated codes included', () => {
    using model = withSeed(1, () => new TabularModel({ ...small, layers: [6] }))
    model.eval()
    const grads = tf.tidy(() => {
      const cats = tf.tensor2d(
        [
          [1, 2],
          [1, 6],
          [3, 2],
          [0, 0],
        ],
        [4, 2],
        'int32',
      )
      const conts = tf.tensor2d([
        [1, 2, 3],
        [0, 1, 0],
        [2, 2, 2],
        [-1, 0, 1],
      ])
      const y = tf.tensor1d([0, 1, 1, 0], 'int32')
      const { result, tape } = record(() => ({ loss: crossEntropyFlat(model.forward(cats, conts), y) }))
      const weight = model.embeds.tables[0]!.weight
      const [grad] = tape.backward(result.loss, [weight])
      const before = weight.dataSync().slice()
      const slope = [...before].map((v, i) => {
        const at = (h: number) => {
          const moved = before.slice()
          moved[i] = v + h
          weight.assign(tf.tensor2d(moved as Float32Array, [4, 3]))
          return crossEntropyFlat(model.forward(cats, conts), y).dataSync()[0]!
        }
        return (at(1e-2) - at(-1e-2)) / 2e-2
      })
      return { grad: [...grad!.dataSync()], slope }
    })
    for (const [i, g] of grads.grad.entries()) expect(Math.abs(g - grads.slope[i]!)).toBeLessThan(2e-3)
  })

  test('traces each line of forward with its shape', () => {
    using model = new TabularModel({ ...small, yRange: [0, 1] })
    const [cats, conts] = [tf.zeros<tf.Rank.R2>([6, 2], 'int32'), tf.zeros<tf.Rank.R2>([6, 3])]
    const { rows } = model.trace(cats, conts)
    const arrays = [
      ndArray('int32', [6, 2], new Int32Array(12)),
      ndArray('float32', [6, 3], new Float32Array(18)),
    ]
    expect(model.trace(...arrays).rows).toEqual(rows)
    tf.dispose([cats, conts])
    expect(rows.map(([line, shape]) => `${line} ${shape}`)).toEqual([
      'cats [6, 2]',
      'x = embeds(cats) [6, 8]',
      'x = embDrop(x) [6, 8]',
      'conts [6, 3]',
      'conts = bnCont(conts) [6, 3]',
      'x = concat([x, conts], 1) [6, 11]',
      'x = layers.0(x) [6, 20]',
      'x = layers.1(x) [6, 10]',
      'x = layers.2(x) [6, 2]',
      'x = layers.3(x) [6, 2]',
    ])
    expect(model.training).toBe(true)
    expect(String(rows[6]![2])).toBe('Linear 11 → 20 → ReLU → BatchNorm1d')
  })

  test('takes one half where there is no other', () => {
    using cats = new TabularModel({ ...small, nCont: 0 })
    using conts = new TabularModel({ ...small, embSzs: [] })
    tf.tidy(() => {
      expect(cats.forward(tf.zeros([2, 2], 'int32')).shape).toEqual([2, 2])
      expect(conts.forward(tf.ones([2, 3])).shape).toEqual([2, 2])
      expect(conts.trace(tf.ones([2, 3])).rows[2]![0]).toBe('x = conts')
    })
  })

  test('says what is wrong', () => {
    const made = (more: object) => () => new TabularModel({ ...small, ...more })[Symbol.dispose]()
    expect(made({ layers: [20, 0] })).toThrow('layers[1] must be a whole number ≥ 1, got 0')
    expect(made({ ps: [0.1] })).toThrow('ps has 1 probabilities for 2 hidden layers')
    expect(made({ yRange: [5, 0] })).toThrow('yRange must be two numbers, the lower first')
    expect(made({ embSzs: [], nCont: 0 })).toThrow('there is no column')
    expect(made({ embed_p: 0.1 })).toThrow('embed_p')
    using model = new TabularModel(small).eval()
    const bad = () => tf.tidy(() => model.forward(tf.tensor2d([[1, 7]], [1, 2], 'int32'), tf.ones([1, 3])))
    expect(bad).toThrow('code 7 in row 0, column 1, is not one of the 7 rows')
  })

  test('keeps its activation by name, and says when it cannot', () => {
    using named = new TabularModel({ ...small, act: () => new Sigmoid() })
    expect(named.portable?.toJSON?.()['act']).toBe('Sigmoid')
    class Odd extends Sigmoid {}
    using odd = new TabularModel({ ...small, act: () => new Odd() })
    expect(odd.portable?.untold?.why).toContain('Odd')
  })
})

describe('collaborative models', () => {
  test('a rating is the product of two vectors and both biases', () => {
    using model = withSeed(2, () => new EmbeddingDotBias({ nFactors: 3, nUsers: 4, nItems: 5 }))
    const row = (name: string, i: number) => {
      const { data, shape } = stateDict(model).get(`${name}.weight`)!
      return [...(data as Float32Array)].slice(i * shape[1]!, (i + 1) * shape[1]!)
    }
    const [rating] = tf.tidy(() => [...model.forward(tf.tensor2d([[2, 4]], [1, 2], 'int32')).dataSync()])
    const dot = row('u_weight', 2).reduce((sum, v, i) => sum + v * row('i_weight', 4)[i]!, 0)
    expect(rating).toBeCloseTo(dot + row('u_bias', 2)[0]! + row('i_bias', 4)[0]!, 6)
  })

  test('the range holds, and a pair that is out of it is named', () => {
    using model = new EmbeddingDotBias({ nFactors: 3, nUsers: 4, nItems: 5, yRange: [1, 2] })
    tf.tidy(() => {
      model.uBias.weight.assign(tf.fill([4, 1], 100))
      expect(model.forward(tf.zeros([1, 2], 'int32')).dataSync()[0]).toBeCloseTo(2)
    })
    const bad = () =>
      tf.tidy(() =>
        model.forward(
          tf.tensor2d(
            [
              [0, 0],
              [4, 1],
            ],
            [2, 2],
            'int32',
          ),
        ),
      )
    expect(bad).toThrow('code 4 in row 1, column 0, is not one of the 4 rows')
  })

  test('a neural model gives one number for a pair', () => {
    using model = new EmbeddingNN({
      embSzs: [
        [4, 3],
        [5, 3],
      ],
      layers: [8],
      yRange: [0, 5],
    })
    const loss = tf.tidy(() => {
      const y = model.forward(
        tf.tensor2d(
          [
            [1, 2],
            [3, 4],
          ],
          [2, 2],
          'int32',
        ),
      )
      expect(y.shape).toEqual([2, 1])
      return mseLossFlat()(y, tf.ones([2, 1])).dataSync()[0]!
    })
    expect(loss).toBeGreaterThan(0)
    expect(model.kind).toBe('EmbeddingNN')
  })
})
