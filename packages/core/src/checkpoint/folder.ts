import { EspalierError, reasonOf } from '@espalier/data'
import { platform } from '../platform.js'
import { checkFinite } from './finite-weights.js'
import { type Generation, generationsOf } from './generation.js'
import { discarding, type Lock, lock } from './lock.js'
import type { Packed } from './pack.js'
import { type ReadGeneration, readGeneration } from './read-generation.js'
import type { RunFile } from './run-file.js'
import { unfinished, writeGeneration } from './write-generation.js'

/** The folder of a run, claimed by this process. */
export class Folder {
  /** The states that could not be read. */
  readonly #damaged = new Set<string>()

  private constructor(
    readonly dir: string,
    readonly keep: number,
    readonly claim: Lock,
  ) {}

  /** Claims a folder, makes it if need be, and clears away what was never finished there. */
  static async open(dir: string, keep: number): Promise<Folder> {
    const { listDir, removeTree } = platform()
    const claim = await claimed(dir)
    try {
      const left = [unfinished, discarding]
      const names = (await listDir(dir)).filter((name) => left.some((begin) => name.startsWith(begin)))
      for (const name of names) await removeTree(`${dir}/${name}`)
    } catch (error) {
      await claim.release()
      throw error
    }
    return new Folder(dir, keep, claim)
  }

  async generations(): Promise<readonly Generation[]> {
    return generationsOf(await platform().listDir(this.dir))
  }

  /** The latest state of a fit that can be read; those that are damaged are told and passed over. */
  async latest(fit: number): Promise<ReadGeneration | undefined> {
    const states = (await this.generations()).filter((g) => g.fit === fit)
    for (const [i, { name }] of states.entries()) {
      try {
        return await readGeneration(this.dir, name)
      } catch (error) {
        const damage = error instanceof EspalierError && error.code !== 'checkpoint/newer'
        if (!damage) throw error
        this.#damaged.add(name)
        const next = i + 1 < states.length ? 'an earlier state is used' : 'the fit begins anew'
        platform().write(`${reasonOf(error).split('\n')[0]}; ${next}\n`)
      }
    }
    return undefined
  }

  /** Adds a state, then removes those that are no longer needed. */
  async write(state: Packed): Promise<void> {
    await checkFinite(state.weights)
    await this.claim.check()
    const name = await writeGeneration(this.dir, state)
    try {
      await this.#prune(name, state.file)
    } catch (error) {
      platform().write(`states that are no longer needed were not removed: ${reasonOf(error)}\n`)
    }
  }

  /** Removes the states of a fit but the one that was written and the latest few before it that can be read. */
  async #prune(written: string, { fit, done }: RunFile): Promise<void> {
    const others = (await this.generations()).filter((g) => g.fit === fit && g.name !== written)
    const kept = done ? [] : others.filter((g) => !this.#damaged.has(g.name)).slice(0, this.keep - 1)
    for (const g of others) if (!kept.includes(g)) await platform().removeTree(`${this.dir}/${g.name}`)
  }

  close(): Promise<void> {
    return this.claim.release()
  }
}

/** Makes a folder and claims it. */
async function claimed(dir: string): Promise<Lock> {
  try {
    await platform().mkdir(dir)
    return await lock(dir)
  } catch (error) {
    if (!(error instanceof EspalierError && error.code.startsWith('file/'))) throw error
    throw new EspalierError('checkpoint/folder', `no run can be kept in '${dir}': ${error.message}`, {
      fix: "name a folder that can be made and written into: checkpoint: { dir: 'runs/mine' }",
      cause: error,
    })
  }
}
