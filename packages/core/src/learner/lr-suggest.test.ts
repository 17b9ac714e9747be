import { Random } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { minimum, slide, steep, valley } from './lr-suggest.js'

/** Rates that are their own positions make results readable. */
const positions = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('valley', () => {
  it('has fastai’s place in the curve of the specification', () => {
    const losses = [
      ...new Array<number>(10).fill(1),
      ...Array.from({ length: 12 }, (_, k) => 1 - 0.05 * (k + 1)),
      0.5,
      0.7,
      1.2,
      2,
    ]
    expect(losses).toHaveLength(26)
    expect(valley(positions(26), losses)).toEqual({ lr: 14, point: { lr: 14, loss: losses[14] } })
  })

  it('finds the longest falling subsequence, as a search over all of them does', () => {
    const random = new Random(1, 'valley')
    for (let trial = 0; trial < 50; trial++) {
      const losses = Array.from({ length: 30 }, () => random.int(12))
      // fastai's quadratic search: the longest that ends at each place, and the first of the longest.
      const lengths = losses.map(() => 1)
      for (let i = 1; i < 30; i++) {
        for (let j = 0; j < i; j++) {
          if (losses[i]! < losses[j]! && lengths[i]! < lengths[j]! + 1) lengths[i] = lengths[j]! + 1
        }
      }
      const end = lengths.indexOf(Math.max(...lengths))
      const start = end - lengths[end]!
      const third = (end - start) / 3
      const want = Math.max(0, start + Math.floor(third) + Math.floor(third / 2))
      expect(valley(positions(30), losses).lr, losses.join(' ')).toBe(want)
    }
  })

  it('copes with the shortest curves', () => {
    expect(valley([5], [1]).lr).toBe(5)
    expect(valley([5, 6], [1, 1]).lr).toBe(5)
  })

  it('takes no longer than it must', () => {
    const n = 200_000
    const losses = Float64Array.from({ length: n }, (_, i) => -i)
    const began = performance.now()
    valley(positions(n), [...losses])
    expect(performance.now() - began).toBeLessThan(2000)
  })
})

it('minimum is a tenth of the rate with the smallest loss', () => {
  expect(minimum([1, 2, 30, 4], [3, 2, 1, 1])).toEqual({ lr: 3, point: { lr: 30, loss: 1 } })
})

it('steep is where the loss falls fastest against the logarithm of the rate', () => {
  const lrs = [1, 10, 100, 1000]
  expect(steep(lrs, [5, 4.9, 3, 2.5]).lr).toBe(10)
  expect(steep([1, 2], [1, 2]).lr).toBe(1)
})

it('steep sees slopes that differ by rounding as float32 does', () => {
  // fastai's numbers for losses that rise evenly: which slope is the least is a matter of the last bits.
  const lrs = Array.from({ length: 85 }, (_, i) => 1e-7 * 1e8 ** ((i + 10) / 100))
  const losses = lrs.map((_, i) => 5 + i * 0.1)
  expect(steep(lrs, losses).lr).toBeCloseTo(0.000190546067, 9)
})

it('slide comes down from the right until the slopes are alike', () => {
  const n = 40
  const losses = positions(n).map((i) => (i < 30 ? 1 : 1 + (i - 29) ** 2))
  const { lr, point } = slide({ lrDiff: 5 })(
    positions(n).map((i) => i + 1),
    losses,
  )
  expect(lr).toBe(25)
  expect(point).toEqual({ lr: 25, loss: 1 })
  expect(
    slide({ lrDiff: 5, adjustValue: 0.5 })(
      positions(n).map((i) => i + 1),
      losses,
    ).lr,
  ).toBe(12.5)
  expect(slide()([1, 2], [1, 1]).lr).toBe(1)
})

it('slide refuses what is no interval', () => {
  expect(() => slide({ lrDiff: 0 })).toThrow(
    'slide: lrDiff must be a whole number of points from 1, got 0\n  → leave it out',
  )
  expect(() => slide({ thresh: -1 })).toThrow('slide: thresh must be a number at least 0, got -1')
  expect(() => slide({ adjustValue: Number.NaN })).toThrow('slide: adjustValue must be a number above 0')
})
