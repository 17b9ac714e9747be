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
  expect(() => new Categorize({ vocab: ['a', 'b', 'a'] })).toThrow("the vocabulary has the label 'a' twice")
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
  expect(() => new Categorize().vocab).toThrow('not set up yet')
  await expect(fitted(['cat', 'cat'])).rejects.toThrow(
    "all training items have the label 'cat'\n  → a classifier needs at least two classes",
  )
  await expect(fitted([3, 4] as unknown as string[])).rejects.toThrow(
    'a label must be a string, got number 3',
  )
  const c = await fitted(['a', 'b'])
  expect(() => c.encode('d')).toThrow("label 'd' is not in the vocabulary: a, b\n  → add it")
  await expect(c.check(each(['a', 'x', 'y', 'x']))).rejects.toThrow(
    'validation items have labels that no training item has: x, y\n  → move some',
  )
})
