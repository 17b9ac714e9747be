import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { lostStep, shift, spread, trouble, whereabouts } from '../../../test/thread-steps.js'
import { categoryBlock } from '../../blocks/category-block.js'
import { dataBlock } from '../../data-block.js'
import { datasets } from '../../datasets/datasets.js'
import { pick } from '../../datasets/pick.js'
import { describe as words } from '../../describe.js'
import type { EspalierError } from '../../errors.js'
import type { Batch } from '../../load/batch.js'
import { DataLoader, type DataLoaderOptions } from '../../load/data-loader.js'
import type { NdArray } from '../../nd-array.js'
import type { ItemTransform } from '../../transform/item-transform.js'
import { movable, stepSpec } from '../../transform/movable.js'
import '../install.js'
import { threadPool } from './hire-threads.js'
import { ThreadPool } from './thread-pool.js'

const counts = [0, 1, 2, 4]
const pool = threadPool()!
afterAll(() => pool.close())

async function walk(loader: DataLoader, epoch = 0, from = 0): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of loader.batches(epoch, from)) batches.push(batch)
  return batches
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** Walks until threads take part: at first, while they start, this one works alone. */
async function started(loader: DataLoader, epoch = 0): Promise<Batch[]> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const batches = await walk(loader, epoch)
    if (batches.flatMap((b) => [...b.arrays.at(-1)!.data]).every((id) => id > 0)) return batches
    await sleep(20)
  }
  throw new Error('no thread takes part')
}

const own: ItemTransform<number> = {
  name: 'own',
  draw: (_, { random }) => random.uniform(),
  encode: (e, draw) =>
    typeof e === 'number'
      ? e
      : { ...(e as NdArray), data: (e as NdArray<'float32'>).data.map((v) => v * draw) },
}

describe('what is loaded', () => {
  /** Pipelines that begin with functions, draws in all places, an own transform in between, unreadable items. */
  async function loader(workers: number | undefined, itemTfms: readonly ItemTransform[], bs = 7) {
    const dsets = await datasets(numbers(60), [
      [(n: number) => n, spread()],
      [(n: number) => `${n % 3}`, ...categoryBlock().typeTfms()],
    ])
    return new DataLoader(dsets.train, {
      ...{ bs, shuffle: true, dropLast: false, seed: 3, itemTfms },
      ...(workers !== undefined && { workers }),
    })
  }

  it('is the same, bit for bit, whoever does it', async () => {
    for (const itemTfms of [[shift({ by: 3 })], [shift({ by: 1 }), own, shift({ by: 2 })], [own], []]) {
      const alone = await walk(await loader(0, itemTfms), 1)
      expect(alone).toHaveLength(9)
      for (const workers of [...counts, undefined]) {
        const dl = await loader(workers, itemTfms)
        expect(await walk(dl, 1)).toEqual(alone)
        expect(await walk(dl, 1)).toEqual(alone)
      }
    }
  })

  it('is the same from anywhere in an epoch', async () => {
    const alone = await walk(await loader(0, [shift({ by: 3 })]), 2)
    for (const workers of counts) {
      const dl = await loader(workers, [shift({ by: 3 })])
      expect(await walk(dl, 2, alone[3]!.next)).toEqual(alone.slice(4))
    }
  })

  it('is done in threads once they run, as many as were asked for', async () => {
    for (const workers of [1, 3]) {
      const batches = await started(await loader(workers, [shift({ by: 1 }), whereabouts()]))
      const ids = new Set(batches.flatMap((b) => [...b.arrays[2]!.data]))
      expect(ids.size).toBe(workers)
    }
    const alone = await walk(await loader(0, [whereabouts()]))
    expect(new Set(alone.flatMap((b) => [...b.arrays[2]!.data]))).toEqual(new Set([0]))
  })

  it('is divided where a function stands: what is before it goes to threads', async () => {
    const seen: unknown[] = []
    const spy: ItemTransform = {
      name: 'spy',
      encode(e) {
        seen.push(e)
        return e
      },
    }
    const dl = await loader(2, [whereabouts(), spy])
    const batches = await started(dl)
    expect(batches.flatMap((b) => [...b.indices])).toHaveLength(60)
    expect(seen.slice(-180).filter((e) => typeof e === 'number')).not.toContain(0)
  })

  it('a copy of a step that was changed is another step, and stays here', async () => {
    const copy: ItemTransform = { ...whereabouts(), encodeSample: (sample) => [...sample, -1] }
    const batches = await walk(await loader(2, [shift({ by: 1 }), copy]))
    expect(new Set(batches.flatMap((b) => [...b.arrays[2]!.data]))).toEqual(new Set([-1]))
  })

  it('may come ready from a data set, or from some of it', async () => {
    const dsets = await datasets(numbers(20), [
      [spread()],
      [(n: number) => `${n % 2}`, ...categoryBlock().typeTfms()],
    ])
    const dataset = { length: 20, id: String, sample: async (i: number) => [i] }
    for (const source of [pick(dsets.train, [4, 2, 9, 5]), pick(dataset, [1, 3, 5, 7])]) {
      const make = (workers: number) =>
        new DataLoader(source, { bs: 3, workers, itemTfms: [shift({ by: 5 })] })
      const alone = await walk(make(0))
      expect(alone.flatMap((b) => b.indices)).toEqual([0, 1, 2, 3])
      for (const workers of counts) expect(await walk(make(workers))).toEqual(alone)
    }
  })
})

describe('what goes wrong in a thread', () => {
  const dataset = {
    length: 40,
    id: (i: number) => `file${i}`,
    async sample(i: number) {
      await sleep(2) // so that threads take part before the end
      return [i]
    },
  }
  const loader = (workers: number, at: Record<string, string>, options: DataLoaderOptions = {}) =>
    new DataLoader(dataset, { bs: 4, workers, itemTfms: [trouble(at), whereabouts()], ...options })
  const failure = async (workers: number, at: Record<string, string>) => {
    if (workers > 0) await started(loader(workers, {}))
    return walk(loader(workers, at, { bs: 1, prefetch: 1 })).then(
      () => undefined,
      (error: unknown) => error,
    )
  }

  it('items that cannot be read are left out, with their reasons', async () => {
    for (const workers of counts) {
      const dl = loader(workers, { 3: 'skip', 17: 'skip' })
      const batches = await walk(dl)
      expect(batches.flatMap((b) => b.indices)).toEqual(numbers(40).filter((i) => i !== 3 && i !== 17))
      expect([...dl.skipped.values()]).toEqual([
        { index: 3, id: 'file3', reason: 'torn' },
        { index: 17, id: 'file17', reason: 'torn' },
      ])
    }
  })

  it('errors come as they are', async () => {
    const told = (error: unknown) => {
      const { code, message, cause } = error as EspalierError & { readonly cause: Error }
      return { code, message, cause: [cause.constructor.name, cause.message] }
    }
    for (const [at, text] of [
      [{ 35: 'espalier' }, '35 is wrong\n  → leave it out'],
      [{ 36: 'type' }, 'not that type'],
    ] as const) {
      const alone = told(await failure(0, at))
      expect(alone.message).toMatch(/^loading file3[56]: /)
      expect(alone.message).toContain(text)
      for (const workers of counts.slice(1)) expect(told(await failure(workers, at))).toEqual(alone)
    }
  })

  it.each([
    ['crash', 'exit code 7'],
    ['throw', 'out of the blue'],
  ])(
    'a thread that dies (%s) names what it was loading, and another takes its place',
    async (kind, reason) => {
      for (const workers of [1, 2]) {
        const error = (await failure(workers, { 37: kind })) as Error
        expect(error).toMatchObject({ code: 'loader/worker' })
        expect(error.message).toMatch(/^a worker thread ended while it was loading (one of )?.*file37/)
        expect(error.message).toMatch(reason)
        expect(error.message).toContain('\n  → load with workers: 0')
        const after = await started(loader(workers, {}))
        expect(after.flatMap((b) => b.indices)).toEqual(numbers(40))
      }
    },
  )

  it('a thread that has no memory left does too', async () => {
    const small = new ThreadPool(pool.file, {
      ...pool.options,
      resourceLimits: { maxOldGenerationSizeMb: 32 },
    })
    const step = trouble({ 5: 'memory' })
    using crew = small.crew({ itemTfms: [stepSpec(step)!] }, 1)!
    const finish = (index: number) => {
      const here = async () => ({ elements: ['here'], position: 0 })
      const place = { split: 0, seed: 1, epoch: 0, index, position: 0 }
      return crew.finish({ id: `file${index}`, values: [index], ...place }, here)
    }
    while ((await finish(1)).elements[0] === 'here') await sleep(20)
    await expect(finish(5)).rejects.toThrow(/while it was loading file5: .*memory/)
    await small.close()
  })

  it.each([
    [
      'that its module does not have',
      lostStep(),
      /: \S+thread-steps.ts exports no function 'nowhere'\n {2}→ export/,
    ],
    [
      'whose module cannot be imported',
      movable({ name: 'x', toJSON: () => ({}), encode: (e: unknown) => e }, 'file:///no/such/module.js'),
      /: a worker thread cannot import file:\/\/\/no\/such\/module.js, the module of 'x': /,
    ],
  ])('a step %s is done here, and that is told once', async (_, step, told) => {
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    try {
      const dl = loader(2, {}, { itemTfms: [step] })
      for (let epoch = 0; warnings.length === 0 && epoch < 100; epoch++) {
        expect((await walk(dl)).flatMap((b) => b.indices)).toEqual(numbers(40))
        await sleep(20)
      }
      expect((await walk(dl)).flatMap((b) => b.indices)).toEqual(numbers(40))
      await sleep(20)
      expect(warnings.map((w) => w.message)).toEqual([expect.stringMatching(told)])
      expect(warnings[0]!.message).toMatch(/^samples are loaded on the main thread, not in worker threads: /)
    } finally {
      process.off('warning', listen)
    }
  })

  it('what cannot cross stays here', async () => {
    const call: ItemTransform = { name: 'call', encode: (e) => (typeof e === 'function' ? e() : e) }
    const dl = loader(2, { 8: 'function' }, { itemTfms: [trouble({ 8: 'function' }), call] })
    expect((await walk(dl)).flatMap((b) => [...b.arrays[0]!.data])).toEqual(numbers(40))
    class Holder {
      constructor(readonly n: number) {}
    }
    const held = { length: 10, id: String, sample: async (i: number) => [new Holder(i)] }
    const open: ItemTransform = {
      name: 'open',
      order: 2,
      encode: (e) => (e instanceof Holder ? e.n : words(e)),
    }
    const steps = [shift({ by: 1 }), open]
    const batches = await walk(new DataLoader(held, { bs: 2, workers: 2, itemTfms: steps }))
    expect(batches.flatMap((b) => [...b.arrays[0]!.data])).toEqual(numbers(10))
  })
})

describe('threads', () => {
  const dataset = { length: 200, id: String, sample: async (i: number) => [i] }

  it('are shared by many loops at once', async () => {
    const loops = numbers(12).map(
      (k) =>
        new DataLoader(dataset, {
          ...{ bs: 9, workers: 1 + (k % 3), seed: k % 4, shuffle: true },
          itemTfms: [shift({ by: k })],
        }),
    )
    const alone = await Promise.all(loops.map((dl) => walk(dl.with({ workers: 0 }))))
    expect(await Promise.all(loops.map((dl) => walk(dl)))).toEqual(alone)
    expect(pool.size).toBeLessThanOrEqual(4)
  })

  it('give everything back when a reader stops early, and stop reading', async () => {
    const dl = new DataLoader(dataset, { bs: 5, prefetch: 2, workers: 2, itemTfms: [shift({ by: 1 })] })
    await walk(dl)
    for (let i = 0; i < 30; i++) {
      for await (const _ of dl.batches(i)) if (i % 2 === 0) break
    }
    const batches = dl.batches(3)
    await batches.next()
    await batches.return(undefined)
    expect(await batches.next()).toEqual({ value: undefined, done: true })
    expect(await walk(dl)).toEqual(await walk(dl.with({ workers: 0 })))
  })

  it('end when they are closed, and start again when they are needed', async () => {
    const dl = new DataLoader(dataset, { bs: 50, workers: 2, itemTfms: [whereabouts()] })
    await started(dl)
    expect(pool.size).toBeGreaterThan(0)
    await pool.close()
    expect(pool.size).toBe(0)
    await started(dl)
    expect(pool.size).toBeGreaterThan(0)
  })

  it('are not used by default where no step is worth it', async () => {
    await pool.close()
    const dls = await dataBlock({
      blocks: [categoryBlock(), categoryBlock()],
      getX: (n: number) => `${n % 5}`,
      getY: (n: number) => `${n % 2}`,
    }).dataLoaders(numbers(100), { bs: 10 })
    await walk(dls.train)
    expect(pool.size).toBe(0)
  })

  it.each(['end', 'break', 'again'])('do not keep a process alive (%s)', async (how) => {
    const program = fileURLToPath(new URL('../../../test/load-and-leave.ts', import.meta.url))
    const args = ['--conditions=espalier-source', '--import', 'tsx', program, how]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 })
    const [done, threads] = stdout.trim().split(' ').map(Number)
    expect(stderr).toBe('')
    expect(threads).toBe(2)
    expect(Date.now() - done!).toBeLessThan(8000) // threads that nobody needs are kept for 10 s
  })

  it('are used by default where a step is worth it, and there are samples enough', async () => {
    await pool.close()
    const load = async (n: number) => {
      await walk(new DataLoader({ ...dataset, length: n }, { bs: 10, itemTfms: [whereabouts()] }))
      return pool.size
    }
    expect(await load(99)).toBe(0)
    expect(await load(100)).toBe(Math.min(2, availableParallelism() - 1))
  })

  it('are a whole number', () => {
    for (const workers of [-1, 0.5, Number.NaN]) {
      expect(() => new DataLoader(dataset, { workers })).toThrow(
        `the number of workers must be a whole number ≥ 0, got ${workers}\n  → say workers: 2`,
      )
    }
  })
})
