import { EspalierError, reasonOf } from '@espalier/data'
import { platform } from '../platform.js'
import { type Generation, generationsOf } from './generation.js'
import { type Lock, lock } from './lock.js'
import type { Packed } from './pack.js'
import { type ReadGeneration, readGeneration } from './read-generation.js'
import { unfinished, writeGeneration } from './write-generation.js'

/** The folder of a run, claimed by this process. */
export class Folder {
  private constructor(
    readonly dir: string,
    readonly keep: number,
    readonly claim: Lock,
  ) {}

  /** Claims a folder, makes it if need be, and clears away what was never finished there. */
  static async open(dir: string, keep: number): Promise<Folder> {
    const { mkdir, listDir, removeTree } = platform()
    await mkdir(dir)
    const claim = await lock(dir)
    try {
      const left = (await listDir(dir)).filter((name) => name.startsWith(unfinished))
      for (const name of left) await removeTree(`${dir}/${name}`)
    } catch (error) {
      await claim.release().catch(() => {})
      throw error
    }
    return new Folder(dir, keep, claim)
  }

  async generations(): Promise<readonly Generation[]> {
    return generationsOf(await platform().listDir(this.dir))
  }

  /** The latest state of a fit that can be read; those that are damaged are told and passed over. */
  async latest(fit: number): Promise<ReadGeneration | undefined> {
    for (const { name } of (await this.generations()).filter((g) => g.fit === fit)) {
      try {
        return await readGeneration(this.dir, name)
      } catch (error) {
        const damage = error instanceof EspalierError && error.code !== 'checkpoint/newer'
        if (!damage) throw error
        platform().write(`${reasonOf(error).split('\n')[0]}; an earlier state is used\n`)
      }
    }
    return undefined
  }

  /** Adds a state, then removes those that are no longer needed. */
  async write(state: Packed): Promise<void> {
    await this.claim.check()
    const name = await writeGeneration(this.dir, state)
    const { fit, done } = state.file
    const others = (await this.generations()).filter((g) => g.fit === fit && !g.done && g.name !== name)
    const spare = done ? others : others.slice(this.keep - 1)
    for (const g of spare) await platform().removeTree(`${this.dir}/${g.name}`)
  }

  close(): Promise<void> {
    return this.claim.release()
  }
}
