import { expect, it } from 'vitest'
import { median, quantile, summarizeSteps } from './statistics.js'

it('takes quantiles between neighbours, in any order', () => {
  expect(quantile([4, 1, 3, 2], 0.9)).toBeCloseTo(3.7)
  expect(quantile([5], 0.9)).toBe(5)
  expect(median([9, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

it('leaves the steps out that warm up', () => {
  expect(summarizeSteps([9, 8, 0.5, 0.25, 1], 2, 16)).toEqual({
    warmup_steps: 2,
    steps: 3,
    median_step_s: 0.5,
    p90_step_s: 0.9,
    min_step_s: 0.25,
    items_per_s: 32,
  })
})
