import { expect, it } from 'vitest'
import { Random } from '../random/random.js'
import { Pipeline } from './pipeline.js'
import type { Transform, TransformContext } from './transform.js'

const training: TransformContext = { split: 0, random: new Random(1, 'test') }
const validating: TransformContext = { ...training, split: 1 }

/** Items as a data set hands them to `setup`: they can be walked more than once. */
const each = <T>(items: readonly T[]): AsyncIterable<T> => ({
  async *[Symbol.asyncIterator]() {
    yield* items
  },
})

const append = (
  letter: string,
  more: Partial<Transform<string, string>> = {},
): Transform<string, string> => ({
  name: letter,
  encode: (s) => s + letter,
  decode: (s) => s.slice(0, -1),
  ...more,
})

it('applies its steps by order, equal orders as given, and undoes them backwards', () => {
  const pipeline = new Pipeline<string, string>([
    append('c', { order: 5 }),
    append('a'),
    append('b'),
    append('z', { order: -1 }),
  ])
  expect(pipeline.name).toBe('z → a → b → c')
  expect(pipeline.encode('>', training)).toBe('>zabc')
  expect(pipeline.decode('>zabc')).toBe('>')
})

it('hands an item on unchanged where it has no steps, and skips steps that cannot decode', () => {
  expect(new Pipeline().encode('x', training)).toBe('x')
  const pipeline = new Pipeline<string, string>([(s: string) => s.toUpperCase(), append('b')])
  expect(pipeline.encode('a', training)).toBe('Ab')
  expect(pipeline.decode('Ab')).toBe('A')
})

it('stays synchronous as long as its steps are, and waits for those that are not', async () => {
  expect(new Pipeline([append('a')]).encode('>', training)).toBe('>a')
  const slow = new Pipeline([async (s: string) => `${s}1`, append('a')]).encode('>', training)
  expect(slow).toBeInstanceOf(Promise)
  expect(await slow).toBe('>1a')
})

it('runs a step with a split on that split alone', () => {
  const pipeline = new Pipeline([append('t', { splitIdx: 0 }), append('v', { splitIdx: 1 })])
  expect(pipeline.encode('>', training)).toBe('>t')
  expect(pipeline.encode('>', validating)).toBe('>v')
})

it('sets its steps up one at a time, each on the items as the steps before it leave them', async () => {
  const seen: string[][] = []
  const spy = (letter: string, order: number): Transform<string, string> =>
    append(letter, {
      order,
      async setup(items) {
        const list: string[] = []
        for await (const item of items) list.push(item)
        seen.push(list)
      },
    })
  await new Pipeline<string, string>([spy('b', 2), append('x', { order: 1 }), spy('a', 0)]).setup(
    each(['1', '2']),
  )
  expect(seen).toEqual([
    ['1', '2'],
    ['1ax', '2ax'],
  ])
})

it('shows check the items as validation will encode them', async () => {
  const seen: string[] = []
  const pipeline = new Pipeline<string, string>([
    append('t', { splitIdx: 0 }),
    append('v', { splitIdx: 1 }),
    append('!', {
      async check(items) {
        for await (const item of items) seen.push(item)
      },
    }),
  ])
  await pipeline.check(each(['1']))
  expect(seen).toEqual(['1v'])
})

it('draws for setup depend on the item alone, not on what was set up before', async () => {
  const drawnFor = async (items: readonly string[]) => {
    const drawn: number[] = []
    await new Pipeline<string, number>([
      { name: 'noise', encode: (_, { random }) => random.uint32() },
      {
        name: 'spy',
        encode: (v) => v,
        async setup(values) {
          for await (const v of values) drawn.push(v as number)
        },
      },
    ]).setup(each(items))
    return drawn
  }
  const once = await drawnFor(['a', 'b'])
  expect(await drawnFor(['a', 'b'])).toEqual(once)
  expect(once[0]).not.toBe(once[1])
})
