import { describe, expect, it } from 'vitest'
import { compare } from '../src/golden/compare.js'
import { GoldenCase, type GoldenJson } from '../src/golden/golden-case.js'
import { fill, mulberry32 } from '../src/golden/prng.js'

const rounded = (values: ArrayLike<number>) => Array.from(values, (v) => Number(v.toFixed(8)))

describe('the generator of the golden schema', () => {
  it('gives the samples of its documentation', () => {
    const random = mulberry32(12345)
    expect([random(), random(), random()]).toEqual([
      0.9797282677609473, 0.3067522644996643, 0.484205421525985,
    ])
    expect(mulberry32(90210)()).toBe(0.2817299449816346)
  })

  it('fills weights by rule', () => {
    const w = [0.95945656, -0.38649547, -0.03158916, 0.63586885, 0.01885674, -0.30505627]
    expect(rounded(fill('w', [2, 3], 12345))).toEqual(w)
    expect(rounded(fill('nw', [3], 12346))).toEqual([0.97774774, 1.06141484, 0.94169354])
    expect(rounded(fill('b', [3], 12347))).toEqual([0.03327043, -0.06018871, 0.08629208])
    expect(rounded(fill('rv', [3], 12349))).toEqual([1.18896806, 1.10477996, 1.18612468])
  })
})

describe('a case', () => {
  const json: GoldenJson = {
    topic: 'a/b',
    case: 'c',
    what: '',
    config: {},
    inputs: {
      x: { kind: 'prng', seed: 101, shape: [4], lo: -1, hi: 1, dtype: 'float32' },
      i: { kind: 'prng', seed: 101, shape: [4], lo: 0, hi: 10, dtype: 'int64' },
      v: { kind: 'value', value: [[1.5], [2]] },
    },
    init: {
      seed: 12345,
      state_dict: [
        ['w', [2, 3], 'w'],
        ['norm.num_batches_tracked', [], 'skip'],
        ['b', [3], 'b'],
        ['tied', [2, 3], 'alias:w'],
      ],
    },
    expected: { y: { shape: [2], dtype: 'float32', value: [1, 2], atol: 0.5 } },
    tolerance: { rtol: 0, atol: 0 },
  }
  const golden = new GoldenCase(json, new Map())

  it('makes its inputs', () => {
    expect(rounded(golden.input('x').data)).toEqual([-0.72870427, 0.5296039, 0.08121662, 0.28603283])
    expect([...golden.input('i').data]).toEqual([1, 7, 5, 6])
    expect(golden.input('v')).toMatchObject({ shape: [2, 1], dtype: 'float32' })
    expect(() => golden.input('z')).toThrow("a/b/c: no input 'z'")
  })

  it('makes its weights: every entry counts, also those that are left out', () => {
    const weights = new Map(golden.weights())
    expect([...weights.keys()]).toEqual(['w', 'b', 'tied'])
    expect(rounded(weights.get('b')!.data)).toEqual([0.03327043, -0.06018871, 0.08629208])
    expect(weights.get('tied')).toBe(weights.get('w'))
  })

  it('gives each expectation its own tolerance', () => {
    expect(golden.expected('y')).toMatchObject({ atol: 0.5, rtol: 0, values: new Float32Array([1, 2]) })
  })
})

describe('comparing', () => {
  const want = (values: number[], atol = 0.1, rtol = 0) => ({ shape: [values.length], values, atol, rtol })
  const got = (values: number[]) => ({ shape: [values.length], values })

  it('allows the tolerance and no more', () => {
    expect(compare('y', got([1.09, 2]), want([1, 2])).ok).toBe(true)
    expect(compare('y', got([1.11, 2]), want([1, 2]))).toMatchObject({
      ok: false,
      message: 'y: [0] is 1.11, expected 1 (largest difference 0.110)',
    })
    expect(compare('y', got([101]), want([100], 0, 0.01)).ok).toBe(true)
    expect(compare('y', got([1]), want([1], 0, 0)).ok).toBe(true)
  })

  it('takes NaN for itself only, and shapes seriously', () => {
    expect(compare('y', got([Number.NaN]), want([Number.NaN])).ok).toBe(true)
    expect(compare('y', got([Number.NaN]), want([1]))).toMatchObject({
      ok: false,
      largest: Number.POSITIVE_INFINITY,
    })
    expect(compare('y', got([1]), want([1, 2])).message).toBe('y: shape [1], expected [2]')
  })
})
