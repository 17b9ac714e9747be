import { expect, it } from 'vitest'
import { ndArray } from '../nd-array.js'
import { Categorize, type CategorizeOptions } from './categorize.js'

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function fitted(labels: readonly string[], options?: CategorizeOptions): Promise<Categorize> {
  const c = new Categorize(options)
  await c.setup(each(labels))
  return c
}

it('numbers the sorted labels, and reads them back', async () => {
  const c = await fitted(['pug', 'boxer', 'pug', 'Sphynx'])
  expect(c.vocab).toEqual(['Sphynx', 'boxer', 'pug'])
  expect(c.c).toBe(3)
  expect(c.encode('pug')).toEqual(ndArray('int32', [], Int32Array.of(2), 'category'))
  expect(c.decode(c.encode('boxer'))).toBe('boxer')
  expect(c.show(c.encode('boxer'))).toEqual({ text: 'boxer' })
  expect(c.decode(ndArray('int32', [], [9]))).toBe('#9')
})

it('keeps a given vocabulary in its order', async () => {
  const c = await fitted(['a'], { vocab: ['z', 'a'] })
  expect(c.vocab).toEqual(['z', 'a'])
  expect(() => new Categorize({ vocab: ['a', 'b', 'a'] })).toThrow(
    "the vocabulary has the label 'a' twice\n  → name each class once",
  )
})

it('has a place for the unknown where asked for, with a given vocabulary too', async () => {
  for (const c of [
    await fitted(['b', 'a'], { addNa: true }),
    new Categorize({ vocab: ['a', 'b'], addNa: true }),
  ]) {
    expect(c.vocab).toEqual(['#na#', 'a', 'b'])
    expect(c.encode('?').data[0]).toBe(0)
    expect(c.encode('a').data[0]).toBe(1)
    await c.check(each(['never seen']))
  }
})

it('is made again by what it writes down', async () => {
  const c = await fitted(['b', 'a'], { addNa: true })
  const again = new Categorize(JSON.parse(JSON.stringify(c)) as CategorizeOptions)
  expect(again.vocab).toEqual(c.vocab)
  expect(again.toJSON()).toEqual(c.toJSON())
})

it('reads a row of probabilities', async () => {
  const c = await fitted(['a', 'b', 'c'])
  const probabilities = Float32Array.of(0.2, 0.5, 0.3)
  expect(c.read(probabilities)).toEqual({ label: 'b', index: 1, probabilities })
})

it('says what is wrong with labels', async () => {
  expect(() => new Categorize().vocab).toThrow('not set up yet\n  → give it a vocabulary')
  await expect(fitted([])).rejects.toThrow('no training item has a label: all of them were left out')
  await expect(fitted(['cat', 'cat'])).rejects.toThrow(
    "all training items have the label 'cat'\n  → a classifier needs at least two classes",
  )
  await expect(fitted([3, 4] as unknown as string[])).rejects.toThrow(
    'a label must be a string, got number 3\n  → make the label function return a string: String(label)',
  )
  const c = await fitted(['a', 'b'])
  expect(() => c.encode('d')).toThrow("label 'd' is not in the vocabulary: a, b\n  → add it")
  await expect(c.check(each(['a', 'x', 'y', 'x']))).rejects.toThrow(
    'validation items have labels that no training item has: x, y\n  → move some',
  )
  await expect(c.check(each(['a', 7 as unknown as string]))).rejects.toThrow(
    'a label must be a string, got number 7',
  )
})

it('says when every item has a label of its own, as without a label function', async () => {
  const c = await fitted(['pets/1.jpg', 'pets/2.jpg', 'pets/3.jpg'])
  await expect(c.check(each(['pets/4.jpg']))).rejects.toThrow(
    'no training item has: pets/4.jpg\n  → every training item has a label of its own: give a label function (getY)',
  )
})

it('says what is wrong with a vocabulary', async () => {
  const vocabulary = (vocab: unknown) => () => new Categorize({ vocab: vocab as string[] })
  expect(vocabulary('cat')).toThrow(
    `a vocabulary is a list of labels, got string "cat"\n  → say categoryBlock({ vocab: ['cat', 'dog'] })`,
  )
  expect(vocabulary([])).toThrow('a vocabulary is a list of labels, got []')
  expect(vocabulary([1, 2])).toThrow('a label must be a string, got number 1')
  await expect(new Categorize({ vocab: ['a', 'b'] }).check(each(['a', 'x']))).rejects.toThrow(
    'validation items have labels that are not in the vocabulary: x\n  → the vocabulary is a, b: add them',
  )
})
