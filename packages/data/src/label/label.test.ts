import { expect, it } from 'vitest'
import { parentLabel } from './parent-label.js'
import { regexLabeller } from './regex-labeller.js'

it('regexLabeller takes the first group, on any separator, also with a global pattern', () => {
  const breed = regexLabeller(/([^/]+)_\d+\.jpg$/g)
  expect(breed('pets/Maine_Coon_12.jpg')).toBe('Maine_Coon')
  expect(breed('pets\\great_pyrenees_1.jpg')).toBe('great_pyrenees')
  expect(regexLabeller(/(?<breed>[^/]+)_\d+|x/u)('a_1')).toBe('a')
})

it('regexLabeller says which path a pattern does not match, and what is wrong with a pattern', () => {
  expect(() => regexLabeller(/([^/]+)_\d+\.jpg$/)('pets/readme.txt')).toThrow(
    "regexLabeller: /([^/]+)_\\d+\\.jpg$/ does not match 'pets/readme.txt'\n  → the first group of the pattern is the label; test the pattern on this path",
  )
  expect(() => regexLabeller('^(.+)_' as unknown as RegExp)).toThrow(
    'the pattern must be a regular expression, got string "^(.+)_"\n  → write it between slashes',
  )
  expect(() => regexLabeller(undefined as unknown as RegExp)).toThrow('got undefined')
  expect(() => regexLabeller(/[^/]+_\d+\.jpg$/)).toThrow(
    '/[^/]+_\\d+\\.jpg$/ has no group to be the label\n  → put the label in parentheses',
  )
})

it('parentLabel is the folder', () => {
  expect(parentLabel('a/b/c.jpg')).toBe('b')
  expect(parentLabel('a\\b\\c.jpg')).toBe('b')
  expect(() => parentLabel('c.jpg')).toThrow(
    "parentLabel: 'c.jpg' does not say in which folder it lies\n  → label paths such as train/cat/1.jpg",
  )
})

it('labellers of paths take paths', () => {
  for (const label of [parentLabel, regexLabeller(/(.)/)]) {
    expect(() => label(5 as unknown as string)).toThrow(
      /Label(ler)? labels paths, got number 5\n {2}→ write a label function/,
    )
  }
})
