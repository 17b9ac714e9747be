/** Steps that worker threads make again, for tests: what each does to numbers says where it was done. */
import { isMainThread, threadId } from 'node:worker_threads'
import { EspalierError } from '../src/errors.js'
import { SkipItem } from '../src/load/skip-item.js'
import { isNdArray, type NdArray, ndArray } from '../src/nd-array.js'
import type { ItemTransform } from '../src/transform/item-transform.js'
import { movable } from '../src/transform/movable.js'
import type { Transform } from '../src/transform/transform.js'

const here = import.meta.url

/** A number as ten draws of its own. */
export const spread = (): Transform<number, NdArray<'float32'>> =>
  movable(
    {
      name: 'spread',
      toJSON: () => ({}),
      encode: (n: number, { random }) =>
        ndArray(
          'float32',
          [10],
          Float32Array.from({ length: 10 }, () => n + random.uniform()),
        ),
    },
    here,
  )

/** Adds one draw to all numbers, after a while that differs from sample to sample. */
export const shift = ({ by }: { readonly by: number }): ItemTransform<number> =>
  movable(
    {
      name: 'shift',
      toJSON: () => ({ by }),
      draw: async (_, { random }) => {
        await new Promise((go) => setTimeout(go, random.uniform(0, 4)))
        return by * random.normal()
      },
      encode: (e, draw) =>
        isNdArray(e) && e.dtype === 'float32' ? { ...e, data: e.data.map((v) => v + draw) } : e,
    },
    here,
  )

/** The thread that a sample was in, as one more element. */
export const whereabouts = (): ItemTransform =>
  movable(
    {
      name: 'whereabouts',
      toJSON: () => ({}),
      encode: (e) => e,
      encodeSample: (sample) => [...sample, isMainThread ? 0 : threadId],
    },
    here,
  )

/** What goes wrong with numbers of given values. */
export const trouble = (at: Readonly<Record<string, string>>): ItemTransform =>
  movable(
    {
      name: 'trouble',
      toJSON: () => at,
      async encode(e) {
        const kind = at[String(e)]
        if (kind === 'skip') throw new SkipItem('torn')
        if (kind === 'espalier')
          throw new EspalierError('test/wrong', `${e} is wrong`, { fix: 'leave it out' })
        if (kind === 'type') throw new TypeError('not that type')
        if (kind === 'crash' && !isMainThread) process.exit(7)
        if (kind === 'throw' && !isMainThread) {
          setTimeout(() => {
            throw new RangeError('out of the blue')
          })
          await new Promise(() => {})
        }
        if (kind === 'memory' && !isMainThread)
          for (const held: number[][] = []; ; ) held.push(new Array(1e5).fill(0.5))
        if (kind === 'function') return () => e
        return e
      },
    },
    here,
  )

/** Not exported under its name: no thread can make it. */
export const lostStep = (): ItemTransform =>
  movable({ name: 'nowhere', toJSON: () => ({}), encode: (e) => e }, here)
