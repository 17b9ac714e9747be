import { describe, expect, it } from 'vitest'
import { forAll, listOf } from '../../test/for-all.js'
import { SkipItem } from '../load/skip-item.js'
import { type NdArray, ndArray } from '../nd-array.js'
import { Random } from '../random/random.js'
import { applyOnHost, type BatchTransform, undoOnHost } from './batch-transform.js'
import { applyBeforeBatch, type BeforeBatch } from './before-batch.js'
import { eachElement } from './each-element.js'
import { applyItemTransforms, sampleTransform } from './item-transform.js'
import { Pipeline } from './pipeline.js'
import type { Transform, TransformContext } from './transform.js'

const context = (split = 0): TransformContext => ({ split, random: new Random(1, 'test') })
async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
const plus = (n: number, more: Partial<Transform<number, number>> = {}): Transform<number, number> => ({
  name: `plus ${n}`,
  encode: (x) => x + n,
  decode: (y) => y - n,
  ...more,
})

describe('a pipeline', () => {
  it('undoes what it did', () =>
    forAll('encode and decode', async (random) => {
      const steps = listOf(random, random.int(5), (r) => plus(r.int(9), { order: r.int(3) }))
      const pipeline = new Pipeline<number, number>(steps)
      const x = random.int(100)
      expect(pipeline.decode(await pipeline.encode(x, context()))).toBe(x)
    }))

  it('decodes until a step can show its value', () => {
    const word: Transform<string, number> = {
      name: 'word',
      encode: (s) => s.length,
      decode: (n) => 'x'.repeat(n),
      show: (n) => ({ text: `${n} letters` }),
    }
    const pipeline = new Pipeline<string, number>([word, plus(10)])
    expect(pipeline.decode(13)).toBe('xxx')
    expect(pipeline.decode(13, { full: false })).toBe(3)
    expect(pipeline.shown(13)).toEqual({ text: '3 letters' })
    expect(new Pipeline<number, number>([plus(1)]).shown(3)).toBeUndefined()
  })

  it('undoes no step that did not run', async () => {
    const pipeline = new Pipeline<number, number>([plus(1), plus(10, { splitIdx: 0 })])
    expect(await pipeline.encode(0, context(0))).toBe(11)
    expect(await pipeline.encode(0, context(1))).toBe(1)
    expect([pipeline.decode(11, { split: 0 }), pipeline.decode(1, { split: 1 })]).toEqual([0, 0])
  })

  it('sets steps up one at a time, each knowing those before it', async () => {
    const seen: unknown[] = []
    const noting = (name: string, more: Partial<Transform<number, number>> = {}): Transform => ({
      name,
      encode: (x) => (x as number) * 2,
      async setup(items, before) {
        const all = []
        for await (const item of items) all.push(item)
        seen.push([name, all, before.map((t) => t.name)])
      },
      ...(more as Partial<Transform>),
    })
    const inner = new Pipeline([noting('c')])
    await new Pipeline([noting('a'), noting('b', { trainSetup: false }), inner]).setup(
      each([1, 2]),
      [],
      each([1, 2, 3]),
    )
    expect(seen).toEqual([
      ['a', [1, 2], []],
      ['b', [2, 4, 6], ['a']],
      ['c', [], ['a', 'b']],
    ])
  })

  it('keeps the kind of an array unless a step gives another', async () => {
    const image = ndArray('uint8', [1], [7], 'image')
    const bare = (a: NdArray) => ndArray('float32', a.shape, Array.from(a.data))
    const encode = (...steps: ((a: NdArray) => NdArray)[]) => new Pipeline(steps).encode(image, context())
    expect(await encode(bare)).toMatchObject({ kind: 'image', dtype: 'float32' })
    expect(await encode(bare, (a) => ({ ...a, kind: 'mask' }))).toMatchObject({ kind: 'mask' })
    const late: Transform = { name: 'late', encode: async (a) => bare(a as NdArray) }
    expect(await new Pipeline([late]).encode(image, context())).toMatchObject({ kind: 'image' })
  })

  it('says which step failed on what, and of which item in setting up', async () => {
    const broken: Transform<number, number> = {
      name: 'broken',
      encode() {
        throw new RangeError('too small')
      },
    }
    const error = (() => {
      try {
        return new Pipeline<number, number>([plus(1), broken]).encode(1, context())
      } catch (error) {
        return error
      }
    })()
    expect(error).toMatchObject({ code: 'transform/failed', message: 'broken failed on number 2: too small' })
    expect((error as Error).cause).toBeInstanceOf(RangeError)
    const late: Transform = { name: 'late', encode: () => Promise.reject(new Error('gone')) }
    await expect(new Pipeline([late]).encode('a', context())).rejects.toThrow(
      'late failed on string "a": gone',
    )
    const consume: Transform = {
      name: 'consume',
      encode: (x) => x,
      async setup(items) {
        for await (const _ of items);
      },
    }
    const setup = (item: unknown) => new Pipeline([late, consume]).setup(each([item]))
    await expect(setup('pug.jpg')).rejects.toThrow(/^late failed on string "pug.jpg": gone$/)
    await expect(setup([1])).rejects.toThrow('preparing item 0: late failed on [1]: gone')
    const skips: Transform = { name: 'skips', encode: () => Promise.reject(new SkipItem('torn')) }
    await new Pipeline([skips, consume]).setup(each([1, 2]))
  })

  it('lets items enter where something of their kind was seen, or is accepted', async () => {
    interface Row {
      readonly file: string
    }
    const open: Transform<string, NdArray> = {
      name: 'open',
      accepts: (x) => x instanceof Uint8Array,
      encode: (file) => ndArray('uint8', [1, 1], [file.length]),
    }
    const pipeline = new Pipeline<Row, NdArray>([(row: Row) => row.file, open, (a: NdArray) => a])
    expect(pipeline.entryOf('a.jpg')).toBe(0)
    await pipeline.observe({ file: 'a.jpg' })
    expect(pipeline.entryOf({ file: 'b.jpg' })).toBe(0)
    expect(pipeline.entryOf('b.jpg')).toBe(1)
    expect(pipeline.entryOf(new Uint8Array(2))).toBe(1)
    expect(pipeline.entryOf(ndArray('uint8', [1, 2], [1, 2]))).toBe(2)
    expect(pipeline.entryOf(12)).toBe(0)
    expect(await pipeline.from(1).encode('abc', context())).toMatchObject({ data: Uint8Array.of(3) })
  })
})

describe('lists of elements', () => {
  it('eachElement acts on every element of a list, and is set up on them', async () => {
    let seen: number[] = []
    const step = plus(1, {
      async setup(items) {
        seen = []
        for await (const x of items) seen.push(x)
      },
    })
    const pipeline = new Pipeline<readonly number[], readonly number[]>([eachElement(step)])
    await pipeline.setup(each([[1, 2], [3]]))
    expect(seen).toEqual([1, 2, 3])
    const made = await pipeline.encode([5, 6], context())
    expect(made).toEqual([6, 7])
    expect(pipeline.decode(made)).toEqual([5, 6])
    await expect(pipeline.encode(5 as never, context())).rejects.toThrow(
      'each plus 1 acts on lists, got number 5',
    )
  })

  it('sampleTransform sees a whole sample, with one draw', async () => {
    const swap = sampleTransform<boolean>({
      name: 'swap',
      draw: (_, { random }) => random.uniform() < 2,
      encodeSample: ([a, b, ...rest], doIt) => (doIt ? [b, a, ...rest] : [a, b, ...rest]),
    })
    expect(await applyItemTransforms([swap], [1, 2, 3], context())).toEqual([2, 1, 3])
    const wrong = sampleTransform({ name: 'wrong', encodeSample: () => 7 as never })
    await expect(applyItemTransforms([wrong], [1], context())).rejects.toThrow(
      'wrong made number 7 of a sample',
    )
  })

  it('an item transform keeps the kinds of arrays, and is named when it fails', async () => {
    const flat = {
      name: 'flat',
      encode: (e: unknown) => ndArray('uint8', [1], Array.from((e as NdArray).data)),
    }
    const [made] = await applyItemTransforms([flat], [ndArray('uint8', [1, 1], [3], 'mask')], context())
    expect(made).toMatchObject({ kind: 'mask', shape: [1] })
    await expect(applyItemTransforms([flat], [1, 'a'], context())).rejects.toThrow(
      /^flat failed on number 1, string "a": /,
    )
  })
})

describe('steps on the samples of a batch', () => {
  const pad: BeforeBatch = {
    name: 'pad',
    order: 1,
    encodeSamples(samples) {
      const n = Math.max(...samples.map(([x]) => (x as readonly number[]).length))
      return samples.map(([x, ...rest]) => [
        Array.from({ length: n }, (_, i) => (x as readonly number[])[i] ?? 0),
        ...rest,
      ])
    },
  }

  it('run in order, on their split', () => {
    const reverse: BeforeBatch = { name: 'reverse', splitIdx: 0, encodeSamples: (s) => [...s].reverse() }
    const samples = [
      [[1], 'a'],
      [[2, 3], 'b'],
    ]
    expect(applyBeforeBatch([pad, reverse], samples, 0)).toEqual([
      [[2, 3], 'b'],
      [[1, 0], 'a'],
    ])
    expect(applyBeforeBatch([pad, reverse], samples, 1)).toEqual([
      [[1, 0], 'a'],
      [[2, 3], 'b'],
    ])
  })

  it('must return as many samples', () => {
    const loses: BeforeBatch = { name: 'loses', encodeSamples: (s) => s.slice(1) }
    expect(() => applyBeforeBatch([loses], [[1], [2]], 0)).toThrow('loses made [[2]] of a batch of 2 samples')
    expect(() => applyBeforeBatch([pad], [[null]], 0)).toThrow(/^pad failed on a batch: /)
  })
})

it('transforms of batches keep kinds, and are undone in reverse on the split they ran on', () => {
  const scale = (by: number, splitIdx?: number): BatchTransform => ({
    name: `scale ${by}`,
    ...(splitIdx !== undefined && { splitIdx }),
    host: (arrays) =>
      arrays.map((a) =>
        ndArray(
          'float32',
          a.shape,
          Array.from(a.data, (v) => v * by),
        ),
      ),
    decodeHost: (arrays) =>
      arrays.map((a) =>
        ndArray(
          'float32',
          a.shape,
          Array.from(a.data, (v) => v / by),
        ),
      ),
  })
  const steps = [scale(2), scale(4, 0)]
  const batch = [ndArray('float32', [1], [1], 'image')]
  const on = (split: number) => applyOnHost(steps, batch, [0], { seed: 0, epoch: 0, split })
  expect(on(0)).toMatchObject([{ data: Float32Array.of(8), kind: 'image' }])
  expect(on(1)).toMatchObject([{ data: Float32Array.of(2), kind: 'image' }])
  expect(undoOnHost(steps, on(0), 0)).toEqual(batch)
})
