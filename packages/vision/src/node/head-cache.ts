import { stat } from 'node:fs/promises'
import { type Probed, probe, type ReadOptions } from './probe.js'
import { unreadable } from './unreadable.js'

/** How many files are remembered. */
const limit = 200_000

/**
 * The heads of picture files, each read once for as long as the file stays the same: same time of change, same length.
 */
export class HeadCache {
  readonly #heads = new Map<string, { readonly version: string; readonly head: Probed }>()

  constructor(readonly options: ReadOptions) {}

  async get(path: string): Promise<Probed> {
    const version = await versionOf(path)
    const known = this.#heads.get(path)
    if (known?.version === version) return known.head
    const head = await probe(path, this.options)
    if (this.#heads.size < limit) this.#heads.set(path, { version, head })
    return head
  }
}

async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size } = await stat(path)
    return `${mtimeMs} ${size}`
  } catch (error) {
    throw await unreadable(error, path)
  }
}
