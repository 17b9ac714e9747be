import { expect, it } from 'vitest'
import { withinSpread } from './within-spread.js'

it('what is better, or worse by less than the seeds differ, holds', () => {
  expect(withinSpread([0.5, 0.6], [0.7, 0.8], 'lower').ok).toBe(true)
  expect(withinSpread([0.75, 0.85], [0.7, 0.8], 'lower').ok).toBe(true)
  expect(withinSpread([0.65, 0.75], [0.7, 0.8], 'higher').ok).toBe(true)
})

it('what is worse by more does not', () => {
  expect(withinSpread([1, 1.1], [0.7, 0.8], 'lower')).toEqual({
    ok: false,
    text: 'mean 1.0500 against 0.7500, the seeds of a side differ by 0.1000',
  })
  expect(withinSpread([0.4, 0.5], [0.7, 0.8], 'higher').ok).toBe(false)
})

it('a side that came to nothing does not', () => {
  expect(withinSpread([Number.NaN, 0.8], [0.7, 0.8], 'higher').ok).toBe(false)
})
