import { Random } from '@espalier/data'
import { expect, it } from 'vitest'
import { beta } from './beta.js'

it.each([0.05, 0.2, 0.4, 1, 2.5, 10])('Beta(%d, same) has the moments of one', (alpha) => {
  const n = 20_000
  const draws = Array.from({ length: n }, (_, i) => beta(new Random(1, 'beta test', i), alpha))
  expect(draws.every((x) => x >= 0 && x <= 1)).toBe(true)
  const mean = draws.reduce((a, b) => a + b) / n
  const moment = (k: number) => draws.reduce((sum, x) => sum + (x - mean) ** k, 0) / n
  const variance = 1 / (4 * (2 * alpha + 1))
  const kurtosis = 3 - 6 / (2 * alpha + 3)
  const error = Math.sqrt(variance / n)
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * error)
  expect(moment(2) / variance).toBeCloseTo(1, 1)
  expect(moment(4) / variance ** 2 / kurtosis).toBeCloseTo(1, 1)
  expect(Math.abs(moment(3)) / variance ** 1.5).toBeLessThan(0.1)
})

it('lies at the ends, and is a number, where α is next to nothing', () => {
  const draws = Array.from({ length: 1000 }, (_, i) => beta(new Random(2, 'beta test', i), 1e-7))
  expect(draws.every((x) => x < 1e-3 || x > 1 - 1e-3)).toBe(true)
  const high = draws.filter((x) => x > 0.5).length
  expect(Math.abs(high - 500)).toBeLessThan(80)
})

it('is the same at the same place', () => {
  const at = (place: number) => beta(new Random(3, 'beta test', place), 0.4)
  expect(at(1)).toBe(at(1))
  expect(at(1)).not.toBe(at(2))
})
