import { type Saved, tf, useEngine } from '@espalier/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { int2d, someTokens } from '../../test/toy-lm.js'
import { AwdLstm } from './awd-lstm.js'

const tokens = someTokens(3, 9, 20)
const columns = (from: number, to: number, rows = tokens) => int2d(rows.map((r) => r.slice(from, to)))
const near = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!

describe('AwdLstm', () => {
  let model: AwdLstm
  beforeAll(async () => {
    await useEngine('cpu')
    model = new AwdLstm(20, { embSz: 6, nHid: 8, nLayers: 3 }).eval()
  })
  afterAll(() => model[Symbol.dispose]())

  it('goes on where the batch before ended, until it is reset', () => {
    tf.tidy(() => {
      const whole = model.forward(columns(0, 9))
      model.reset()
      const parts = [model.forward(columns(0, 4)), model.forward(columns(4, 5)), model.forward(columns(5, 9))]
      expect(near(tf.concat(parts, 1), whole)).toBeLessThan(1e-6)
      expect(near(model.forward(columns(0, 9)), whole)).toBeGreaterThan(1e-4)
      model.reset()
      expect(near(model.forward(columns(0, 9)), whole)).toBe(0)
      model.reset()
    })
  })

  it('begins new rows with zeros and forgets rows that are gone', () => {
    tf.tidy(() => {
      model.forward(columns(0, 4, tokens.slice(0, 2)))
      const grown = model.forward(columns(4, 9))
      model.reset()
      const fresh = model.forward(columns(4, 9, tokens.slice(2)))
      expect(near(tf.slice(grown, [2, 0, 0]), fresh)).toBeLessThan(1e-6)
      model.reset()
      const whole = model.forward(columns(0, 9))
      model.reset()
      model.forward(columns(0, 4))
      model.keepRows([2, 0])
      const kept = model.forward(columns(4, 9, [tokens[2]!, tokens[0]!]))
      const wanted = tf.gather(tf.slice(whole, [0, 4, 0]), [2, 0])
      expect(near(kept, wanted)).toBeLessThan(1e-6)
      model.reset()
    })
  })

  it('can be saved in the middle and taken up again', () => {
    tf.tidy(() => {
      model.forward(columns(0, 4))
      const saved = model.saveState()
      const copy: Saved = {
        data: JSON.parse(JSON.stringify(saved.data)),
        tensors: Object.fromEntries(Object.entries(saved.tensors!).map(([k, t]) => [k, tf.clone(t)])),
      }
      const next = model.forward(columns(4, 9))
      model.reset()
      model.loadState(copy)
      expect(near(model.forward(columns(4, 9)), next)).toBe(0)
      model.loadState({ data: [] })
      expect(model.hidden).toEqual([])
      expect(() => model.loadState({ data: [1], tensors: {} })).toThrow(/belongs to another model|lacks/)
      model.reset()
    })
  })

  it('reads in both directions: what comes later is known', () => {
    using both = new AwdLstm(20, { embSz: 6, nHid: 8, nLayers: 2, bidir: true }).eval()
    tf.tidy(() => {
      const y = both.forward(columns(0, 9))
      expect(y.shape).toEqual([3, 9, 6])
      both.reset()
      const other = tokens.map((row) => row.map((t, j) => (j === 8 ? ((t + 5) % 18) + 2 : t)))
      const z = both.forward(columns(0, 9, other))
      const first = (t: tf.Tensor3D) => tf.slice(t, [0, 0, 0], [3, 1, 6])
      expect(near(first(y), first(z))).toBeGreaterThan(1e-7)
      expect(
        near(tf.slice(first(y), [0, 0, 0], [3, 1, 3]), tf.slice(first(z), [0, 0, 0], [3, 1, 3])),
      ).toBeGreaterThan(0)
    })
  })

  it('refuses sizes that are none', () => {
    expect(() => new AwdLstm(0)).toThrow(/vocabSz must be a whole number ≥ 1, got 0/)
    expect(() => new AwdLstm(9, { embSz: 5, bidir: true })).toThrow(/two directions cannot share 5 features/)
  })
})
