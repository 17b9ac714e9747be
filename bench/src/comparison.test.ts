import { expect, it } from 'vitest'
import { checkSameWork, compare, ratioOf, summarize } from './comparison.js'
import type { Measurement } from './measurement.js'

const step = (seconds: number, more: Partial<Measurement> = {}): Measurement => ({
  median_step_s: seconds,
  min_step_s: seconds / 2,
  items_per_s: 16 / seconds,
  items: 'images',
  peak_rss_mb: 100 * seconds,
  ...more,
})

it('is above 1 where ours takes less time', () => {
  expect(ratioOf({ ours: step(1), peer: step(2) })).toBe(2)
  expect(ratioOf({ ours: step(4), peer: step(2) })).toBe(0.5)
  expect(ratioOf({ ours: step(1) })).toBeUndefined()
})

it('compares pair by pair: a pair that the machine slowed down changes nothing', () => {
  const pairs = [
    { ours: step(1), peer: step(2) },
    { ours: step(10), peer: step(21) },
    { ours: step(1), peer: step(1.5) },
  ]
  expect(compare(pairs)).toEqual({ ratio: 2, spread: [1.5, 2.1] })
})

it('has no ratio without a peer', () => {
  expect(compare([{ ours: step(1) }])).toEqual({ ratio: null, spread: null })
})

it('sums up a side: medians, the best step, the most memory, the most noise', () => {
  const runs = [
    step(1, { others_cores: 0.1, first_step_s: 3 }),
    step(4, { others_cores: 0.5, epoch_s: 9 }),
    step(2),
  ]
  expect(summarize(runs)).toEqual({
    median_step_s: 2,
    min_step_s: 0.5,
    items_per_s: 8,
    items: 'images',
    peak_rss_mb: 400,
    first_step_s: 3,
    epoch_s: 9,
    others_cores: 0.5,
    runs,
  })
  expect(() => summarize([])).toThrow('nothing was measured')
})

it('refuses to compare models of different sizes', () => {
  const ours = step(1, { n_params: 10, n_trainable: 5 })
  expect(() => checkSameWork({ ours, peer: step(1, { n_params: 11, n_trainable: 5 }) })).toThrow(
    'n_params is 10 here, 11 at the peer',
  )
  expect(() => checkSameWork({ ours, peer: step(1, { n_params: 10, n_trainable: 10 }) })).toThrow(
    'n_trainable',
  )
  for (const peer of [step(1, { n_params: 10, n_trainable: 5 }), step(1)]) checkSameWork({ ours, peer })
  checkSameWork({ ours })
})
