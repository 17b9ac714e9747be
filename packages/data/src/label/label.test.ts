import { expect, it } from 'vitest'
import { parentLabel } from './parent-label.js'
import { regexLabeller } from './regex-labeller.js'

it('regexLabeller takes the first group, on any separator, also with a global pattern', () => {
  const breed = regexLabeller(/([^/]+)_\d+\.jpg$/g)
  expect(breed('pets/Maine_Coon_12.jpg')).toBe('Maine_Coon')
  expect(breed('pets\\great_pyrenees_1.jpg')).toBe('great_pyrenees')
  expect(() => breed('pets/readme.txt')).toThrow(/does not match 'pets\/readme.txt'/)
})

it('parentLabel is the folder', () => {
  expect(parentLabel('a/b/c.jpg')).toBe('b')
  expect(parentLabel('a\\b\\c.jpg')).toBe('b')
})
