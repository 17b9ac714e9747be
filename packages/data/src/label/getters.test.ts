import { describe, expect, it } from 'vitest'
import { attrGetter, usingAttr } from './attr-getter.js'
import { colReader } from './col-reader.js'
import { itemGetter } from './item-getter.js'
import { pathPart } from './path-part.js'
import { regexLabeller } from './regex-labeller.js'

it('parts of a path are named as in Python', () => {
  const parts = (path: string) =>
    (['name', 'stem', 'suffix', 'parent'] as const).map((part) => pathPart(path, part))
  expect(parts('a/b/cat.1.jpg')).toEqual(['cat.1.jpg', 'cat.1', '.jpg', 'a/b'])
  expect(parts('a\\b\\cat')).toEqual(['cat', 'cat', '', 'a/b'])
  expect(parts('.hidden')).toEqual(['.hidden', '.hidden', '', '.'])
  expect(parts('/x.txt')).toEqual(['x.txt', 'x', '.txt', '/'])
  expect(parts('a/b/')).toEqual(['b', 'b', '', 'a'])
})

it('usingAttr labels by an attribute, of a path too', () => {
  const breed = regexLabeller(/^(.+)_\d+\.jpg$/)
  expect(usingAttr(breed, 'name')('pets/great_dane_12.jpg')).toBe('great_dane')
  expect(usingAttr(breed, 'file')({ file: 'pug_1.jpg' })).toBe('pug')
  expect(usingAttr((n: number) => n + 1, 'age')({ age: 4 })).toBe(5)
})

it('attrGetter reads an attribute, or what stands in for it', () => {
  expect(attrGetter('stem')('a/b.txt')).toBe('b')
  expect(attrGetter('breed')({ breed: 'pug' })).toBe('pug')
  const item = {} as { breed: string }
  expect(attrGetter('breed', 'mixed')(item)).toBe('mixed')
  expect(() => attrGetter('breed')({ bred: 'pug' } as never)).toThrow(
    "has no column 'breed'\n  → did you mean 'bred'?",
  )
})

it('itemGetter reads an element', () => {
  expect(itemGetter(1)(['a', 'b'])).toBe('b')
  expect(itemGetter('k')({ k: 'v' })).toBe('v')
  expect(() => itemGetter(2)(['a', 'b'])).toThrow(
    'itemGetter: the row ["a","b"] has no column \'2\'\n  → it has 0, 1',
  )
})

describe('colReader', () => {
  it('reads a column, between prefix and suffix', () => {
    expect(colReader('age')({ age: 4 })).toBe(4)
    expect(colReader('name', { pref: 'images/', suff: '.jpg' })({ name: 'cat' })).toBe('images/cat.jpg')
    expect(colReader('id', { suff: '.png' })({ id: 12 })).toBe('12.png')
    expect(colReader(0, { pref: 'x' })(['y'])).toBe('xy')
    expect(() => colReader('name', { pref: 'images/' })({ name: null } as never)).toThrow(
      "colReader: column 'name' holds null, not a text to put between pref and suff",
    )
  })

  it('takes values apart, the empty one into nothing', () => {
    const tags = colReader('tags', { labelDelim: ' ' })
    expect(tags({ tags: 'day sea' })).toEqual(['day', 'sea'])
    expect(tags({ tags: '' })).toEqual([])
    expect(() => tags({ tags: 7 } as never)).toThrow(
      "column 'tags' holds number 7, which cannot be taken apart",
    )
  })

  it('reads several columns as a list', () => {
    expect(colReader(['x', 'y'])({ x: 1, y: 2 })).toEqual([1, 2])
  })

  it('says what is wrong', () => {
    expect(() => colReader('label')({ labels: 1 } as never)).toThrow("did you mean 'labels'?")
    expect(() => colReader([])).toThrow('a column is a name or a place, or a list of them, got []')
    expect(() => colReader('a', { label_delim: ' ' } as object)).toThrow('did you mean labelDelim?')
  })
})

it('regexLabeller may have to match from the beginning', () => {
  const path = 'pets/pug_1.jpg'
  expect(regexLabeller(/([a-z]+)_/)(path)).toBe('pug')
  expect(regexLabeller(/pets.([a-z]+)_/, { match: true })(path)).toBe('pug')
  expect(regexLabeller(/pets.([a-z]+)_/y)(path)).toBe('pug')
  expect(() => regexLabeller(/([a-z]+)_/, { match: true })(path)).toThrow(
    "regexLabeller: /([a-z]+)_/ does not match 'pets/pug_1.jpg' from its beginning",
  )
  const global = regexLabeller(/([a-z]+)_/g)
  expect([global(path), global(path)]).toEqual(['pug', 'pug'])
})
