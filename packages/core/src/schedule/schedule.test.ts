import { describe, expect, it } from 'vitest'
import { lrSlice, perGroup } from '../optim/hypers.js'
import { type Schedule, schedCos, schedExp, schedLin, schedNo, schedPoly } from './anneal.js'
import { combinedCos, combineScheds } from './combine.js'

const along = (f: Schedule, n = 10) => Array.from({ length: n }, (_, i) => f(i / n))
const close = (got: readonly number[], want: readonly number[], relative = 1e-6) => {
  expect(got).toHaveLength(want.length)
  for (const [i, w] of want.entries()) {
    expect(Math.abs(got[i]! - w), `position ${i}: ${got[i]} for ${w}`).toBeLessThanOrEqual(
      relative * Math.abs(w),
    )
  }
}

describe('schedules', () => {
  it('go from start to end', () => {
    for (const make of [schedLin, schedCos, schedExp, (a: number, b: number) => schedPoly(a, b, 3)]) {
      const f = make(2, 8)
      expect(f(0)).toBeCloseTo(2, 12)
      expect(f(1)).toBeCloseTo(8, 12)
    }
    expect(schedLin(2, 8)(0.5)).toBe(5)
    expect(schedCos(2, 8)(0.5)).toBeCloseTo(5, 12)
    expect(schedExp(2, 8)(0.5)).toBeCloseTo(4, 12)
    expect(schedPoly(2, 8, 3)(0.5)).toBe(2.75)
    expect(schedNo(2, 8)(0.5)).toBe(2)
  })

  it('of one cycle have fastai’s numbers', () => {
    const lr = combinedCos(0.25, 1e-3 / 25, 1e-3, 1e-3 / 1e5)
    close(
      along(lr),
      [
        4e-5, 3.71671843e-4, 9.08328157e-4, 9.8907391e-4, 9.04509452e-4, 7.500025e-4, 5.52268709e-4,
        3.45498048e-4, 1.65443042e-4, 4.32368389e-5,
      ],
    )
    close(
      along(combinedCos(0.25, 0.95, 0.85, 0.95)),
      [
        0.95, 0.91545085, 0.85954915, 0.85109262, 0.85954915, 0.875, 0.894773577, 0.91545085, 0.93345653,
        0.945677273,
      ],
    )
  })

  it('of an lr_find have fastai’s rates', () => {
    const rate = schedExp(1e-7, 10)
    close(
      [0, 1, 50, 99].map((i) => rate(i / 100)),
      [1e-7, 1.202264e-7, 1e-3, 8.317638],
    )
  })
})

describe('a schedule is not made', () => {
  it('of what are no numbers', () => {
    expect(() => schedLin(Number.NaN, 1)).toThrow(
      'schedLin: start must be a number, got NaN\n  → say schedLin(1e-2, 1e-4)',
    )
    expect(() => schedCos(1, '2' as never)).toThrow('schedCos: end must be a number, got string "2"')
    expect(() => schedNo(undefined as never)).toThrow('schedNo: start must be a number, got undefined')
    expect(() => schedPoly(1, 2, Number.POSITIVE_INFINITY)).toThrow('schedPoly: power must be a number')
    expect(() => combinedCos(Number.NaN, 1, 2, 3)).toThrow('must be ≥ 0 and sum to 1, got [NaN,NaN] for 2')
    expect(() => combinedCos(1.2, 1, 2, 3)).toThrow('must be ≥ 0 and sum to 1')
  })

  it('that would leave the numbers on its way', () => {
    for (const [start, end] of [
      [0, 1],
      [1, 0],
      [-1, 1],
    ] as const)
      expect(() => schedExp(start, end)).toThrow(`both be above 0, or both below, got ${start} and ${end}`)
    expect(schedExp(-2, -8)(0.5)).toBeCloseTo(-4, 12)
    expect(() => schedPoly(1, 2, -1)).toThrow('schedPoly: power must be at least 0, got -1')
  })
})

describe('combineScheds', () => {
  it('gives each its share', () => {
    const f = combineScheds([0.25, 0.25, 0.5], [schedNo(1), schedLin(2, 3), schedNo(4)])
    expect([0, 0.24, 0.25, 0.375, 0.5, 0.99, 1].map(f)).toEqual([1, 1, 2, 2.5, 4, 4, 4])
  })

  it('divides in float32, as fastai does', () => {
    const f = combineScheds([0.1, 0.2, 0.7], [schedLin(0, 1), schedLin(2, 3), schedLin(4, 5)])
    expect([0.05, 0.1, 0.2, 0.3, 0.65].map(f)).toEqual([0.5, 2, 2.4999999701976776, 4, 4.499999970197678])
  })

  it('passes over shares of nothing', () => {
    expect(combineScheds([0, 1], [schedNo(1), schedNo(2)])(0)).toBe(2)
    expect(combineScheds([1, 0], [schedNo(1), schedNo(2)])(0.999)).toBe(1)
    expect(combinedCos(0.99, 1, 2, 3)(0.995)).toBeCloseTo(2.5, 6)
  })

  it('wants shares that sum to 1, one for each', () => {
    const one = schedNo(1)
    expect(() => combineScheds([0.5, 0.4], [one, one])).toThrow(
      'must be ≥ 0 and sum to 1, got [0.5,0.4] for 2',
    )
    expect(() => combineScheds([1.5, -0.5], [one, one])).toThrow('must be ≥ 0')
    expect(() => combineScheds([1], [one, one])).toThrow('got [1] for 2')
    expect(combineScheds([0.1, 0.2, 0.7], [one, one, one])(0.5)).toBe(1)
  })
})

describe('rates of groups', () => {
  it('are spread as fastai’s slice', () => {
    close(perGroup('lr', lrSlice(1e-6, 1e-4), 3), [1e-6, 1e-5, 1e-4])
    close(perGroup('lr', lrSlice(1e-3), 3), [1e-4, 1e-4, 1e-3])
    expect(perGroup('lr', lrSlice(1e-6, 1e-4), 1)).toEqual([1e-4])
    expect(perGroup('lr', lrSlice(0, 1e-3), 2)).toEqual([1e-4, 1e-3])
    expect(perGroup('lr', 5, 2)).toEqual([5, 5])
    const list = [1, 2]
    expect(perGroup('lr', list, 2)).toEqual(list)
    expect(perGroup('lr', list, 2)).not.toBe(list)
  })
})
