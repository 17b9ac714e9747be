import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@espalier/data'
import { type Ended, outcome, program, run } from './process.js'
import { type Kind, kinds } from './programs.js'

/** What a trial found: nothing where all is well. */
export type Problem = string | undefined

/** One trial of a kind of test. */
export interface Trial {
  readonly name: string
  run(): Promise<Problem>
}

/** How many of all trials are run, and with which engine. */
export interface Extent {
  readonly share: number
  readonly seed: number
  readonly env: Readonly<Record<string, string>>
}

const child = program('child.ts')
let folders = 0

/** A folder for a run that is removed when it is over. */
async function inFolder<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = join(tmpdir(), `espalier-chaos-${process.pid}-${folders++}`)
  try {
    return await use(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Uninterrupted runs, one per kind: what all others must come to. */
export class Whole {
  readonly #runs = new Map<Kind, Promise<Ended>>()

  constructor(readonly extent: Extent) {}

  of(kind: Kind): Promise<Ended> {
    const known = this.#runs.get(kind)
    if (known) return known
    const whole = inFolder((dir) => run({ args: [child, kind, dir], env: this.extent.env }))
    this.#runs.set(kind, whole)
    return whole
  }

  /** Goes on with a run to its end and compares. */
  async finish(kind: Kind, dir: string): Promise<Problem> {
    const want = outcome(await this.of(kind))
    const got = outcome(await run({ args: [child, kind, dir], env: this.extent.env }))
    if (!want.startsWith('digest')) return `the uninterrupted run failed: ${want}`
    return got === want ? undefined : `${got.slice(0, 200)} instead of ${want.slice(0, 80)}`
  }
}

function count(n: number, { share }: Extent): number {
  return Math.max(1, Math.round(n * share))
}

/** R1: killed at a random moment, `n` times in all, over all kinds. */
export function kills(whole: Whole, n = 100): Trial[] {
  const { extent } = whole
  return Array.from({ length: count(n, extent) }, (_, i) => ({
    name: `R1 kill ${i}`,
    run: () =>
      inFolder(async (dir) => {
        const kind = kinds[i % kinds.length]!
        const { seconds } = await whole.of(kind)
        await killedAfter(kind, dir, new Random(extent.seed, 'kill', i).uniform(0.3, 1) * seconds, extent)
        return whole.finish(kind, dir)
      }),
  }))
}

async function killedAfter(kind: Kind, dir: string, seconds: number, { env }: Extent): Promise<void> {
  await run({
    args: [child, kind, dir],
    env,
    onStart: (c) => {
      const timer = setTimeout(() => c.kill('SIGKILL'), seconds * 1000)
      c.once('exit', () => clearTimeout(timer))
    },
  })
}

/** R2: killed three times in one run: in the search for a rate, in a validation, anywhere. */
export function repeated(whole: Whole, n = 20): Trial[] {
  const { extent } = whole
  return Array.from({ length: count(n, extent) }, (_, i) => ({
    name: `R2 three kills ${i}`,
    run: () =>
      inFolder(async (dir) => {
        const kind = kinds[i % kinds.length]!
        const { seconds } = await whole.of(kind)
        await killedAfter(kind, dir, new Random(extent.seed, 'again', i).uniform(0.3, 0.9) * seconds, extent)
        for (const place of ['validate', 'lrFind']) await killedAt(kind, dir, place, i % 3, extent)
        return whole.finish(kind, dir)
      }),
  }))
}

/** Kills a run when it says for the n-th time that it has come somewhere. */
async function killedAt(kind: Kind, dir: string, place: string, n: number, { env }: Extent): Promise<void> {
  let seen = 0
  await run({
    args: [child, kind, dir],
    env,
    onLine: (line, c) => {
      if (line === place && seen++ === (place === 'lrFind' ? n % 2 : n)) c.kill('SIGKILL')
    },
  })
}

const shim = ['--import', program('fs-shim.mjs')]

/** How many calls reach the file system in a run of a kind. */
async function callsOf(kind: Kind, { env }: Extent): Promise<number> {
  return inFolder(async (dir) => {
    const { out } = await run({
      args: [...shim, child, kind, dir],
      env: { ...env, ESPALIER_CHAOS: 'count', ESPALIER_CHAOS_FOLDER: dir },
    })
    return Number(/^calls (\d+)$/m.exec(out)?.[1] ?? 0)
  })
}

/** R3: killed before or after a call to the file system; over all calls of the first states, and some later ones. */
export async function writerKills(whole: Whole, n = 60): Promise<Trial[]> {
  const { extent } = whole
  const calls = await callsOf('tabular', extent)
  return Array.from({ length: count(n, extent) }, (_, i) => {
    const share = extent.share < 1 ? 1 / extent.share : 1
    const at = i < n / 2 ? 1 + Math.round(i * share) : new Random(extent.seed, 'call', i).int(calls) + 1
    const mode = i % 2 === 0 ? 'kill' : 'after'
    return {
      name: `R3 ${mode} call ${at}`,
      run: () =>
        inFolder(async (root) => {
          // How many states are written depends on the disk: a run may end before the call that was drawn.
          for (let call = at; call > 0; call >>= 1) {
            const dir = join(root, String(call))
            await mkdir(dir, { recursive: true })
            const env = { ...extent.env, ESPALIER_CHAOS: `${mode}:${call}`, ESPALIER_CHAOS_FOLDER: dir }
            const { signal } = await run({ args: [...shim, child, 'tabular', dir], env })
            if (signal === 'SIGKILL') return whole.finish('tabular', dir)
          }
          return 'it was never killed'
        }),
    }
  })
}

const errors = ['ENOSPC', 'EIO', 'EACCES', 'EMFILE'] as const

/** R4: a call to the file system fails, or writes come short: a typed error or none, and the run goes on after it. */
export async function failures(whole: Whole, n = 120): Promise<Trial[]> {
  const { extent } = whole
  const calls = await callsOf('text', extent)
  const early = Math.round(n * 0.8)
  return Array.from({ length: count(n, extent) }, (_, i) => {
    const nth = extent.share < 1 ? Math.round(i / extent.share) : i
    const at = nth < early ? nth + 1 : new Random(extent.seed, 'failing', i).int(calls) + 1
    const mode = i % 7 === 6 ? `short:${at}` : `fail:${at}:${errors[i % errors.length]}`
    return {
      name: `R4 ${mode}`,
      run: () =>
        inFolder(async (dir) => {
          const env = { ...extent.env, ESPALIER_CHAOS: mode, ESPALIER_CHAOS_FOLDER: dir }
          const { code, err } = await run({ args: [...shim, child, 'text', dir], env })
          if (code !== 0 && !/^EspalierError: /m.test(err)) return `no readable error: ${err.slice(0, 300)}`
          return whole.finish('text', dir)
        }),
    }
  })
}

/** R8: a signal in the middle of a run: the state is written, the status is the signal's, within five seconds. */
export function signals(whole: Whole, n = 20): Trial[] {
  const { extent } = whole
  return Array.from({ length: count(n, extent) }, (_, i) => {
    const [signal, status] = i % 2 === 0 ? (['SIGINT', 130] as const) : (['SIGTERM', 143] as const)
    return {
      name: `R8 ${signal} ${i}`,
      run: () =>
        inFolder(async (dir) => {
          const kind = kinds[i % kinds.length]!
          const place = i % 4 < 2 ? 'validate' : 'train'
          let asked = 0
          const { code, err } = await run({
            args: [child, kind, dir],
            env: extent.env,
            onLine: (line, c) => {
              if (line !== place || asked) return
              asked = performance.now()
              c.kill(signal)
            },
          })
          const seconds = (performance.now() - asked) / 1000
          if (code !== status) return `it ended with ${code}: ${err.slice(0, 200)}`
          if (seconds > 5) return `it took ${seconds.toFixed(1)} s`
          return whole.finish(kind, dir)
        }),
    }
  })
}
