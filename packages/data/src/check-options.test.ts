import { expect, it } from 'vitest'
import { checkOptions, nearest } from './check-options.js'

const known = ['validPct', 'seed', 'itemTfms']
const check = (options: unknown) => () => checkOptions('randomSplitter', options, known)

it('lets pass what is known, and what is left out', () => {
  expect(check({ validPct: 0.1, seed: undefined })).not.toThrow()
  expect(check(undefined)).not.toThrow()
})

it('names the nearest option, in fastai’s spelling too', () => {
  expect(check({ valid_pct: 0.1 })).toThrow(
    "randomSplitter has no option 'valid_pct'\n  → did you mean validPct?",
  )
  expect(check({ itemTmfs: [] })).toThrow('did you mean itemTfms?')
  expect(check({ batchSize: 3 })).toThrow('there are validPct, seed, itemTfms')
  expect(nearest('sed', known)).toBe('seed')
  expect(nearest('x', [])).toBeUndefined()
})

it('takes objects alone', () => {
  expect(check(0.2)).toThrow(
    'randomSplitter takes its options as an object, got number 0.2\n  → say randomSplitter({ validPct: … })',
  )
  expect(check(['a'])).toThrow('→ call it first, to say how: randomSplitter()')
  expect(check(null)).toThrow('got null')
})
