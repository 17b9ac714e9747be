import { reasonOf } from '@espalier/data'
import { installedPlatform, platform } from '../platform.js'
import { concat, fromBase64, toBase64 } from './bytes.js'

/** What a crash may cost at most, where it is not made good by a resume: ms, and bytes in memory. */
const patience = { time: 2000, bytes: 1 << 20 }

/**
 * A file that grows while a fit runs. What is added waits in memory, is written in its order, and is durable when a
 * flush is over. A run that goes on cuts it back to where the run was, so that nothing is in it twice.
 */
export class LogFile {
  /** Bytes that are durable and belong to this run. */
  #length = 0
  #begun = false
  /** Whether there may be bytes behind them which do not. */
  #unsure = true
  readonly #waiting: Uint8Array[] = []
  /** How many bytes wait. */
  #size = 0
  #work: Promise<void> = Promise.resolve()
  #writing = 0
  #since = 0
  #problem: unknown

  /** Begins a file anew, or adds to the one that is there. */
  constructor(
    readonly path: string,
    readonly append = false,
  ) {}

  add(bytes: Uint8Array | string): void {
    const piece = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
    this.#waiting.push(piece)
    this.#size += piece.length
  }

  /** Begins to write where enough has come together; called in the events of a batch, which cannot wait. */
  flushSometimes(): void {
    if (this.#writing > 0) return
    if (this.#size >= patience.bytes || platform().now() - this.#since >= patience.time) void this.flush()
  }

  /** Writes what waits. What fails is told once, and tried again with the next flush: a log does not end a fit. */
  flush(): Promise<void> {
    this.#writing++
    this.#work = this.#work.then(async () => {
      try {
        await this.#write()
        this.#problem = undefined
      } catch (error) {
        if (!this.#problem) installedPlatform()?.write(`log not written: ${reasonOf(error)}\n`)
        this.#problem = error
      }
      this.#writing--
    })
    return this.#work
  }

  /** What the file holds of this run. */
  async read(): Promise<Uint8Array> {
    await this.flush()
    return this.#length > 0 ? platform().readFile(this.path) : new Uint8Array()
  }

  /** Writes what waits, or throws why it cannot be written. */
  async close(): Promise<void> {
    await this.flush()
    if (this.#problem) throw this.#problem
  }

  async #write(): Promise<void> {
    const { appendFile, truncate, now, write } = platform()
    this.#since = now()
    await this.#begin()
    if (this.#waiting.length === 0) return
    const taken = [...this.#waiting]
    if (this.#unsure) {
      const left = await truncate(this.path, this.#length)
      if (left < this.#length)
        write(`'${this.path}' lacks a part of what this run had written: it goes on at its end\n`)
      this.#length = left
    }
    this.#unsure = true
    const bytes = concat(taken)
    this.#length = await appendFile(this.path, bytes)
    this.#unsure = false
    this.#waiting.splice(0, taken.length)
    this.#size -= bytes.length
  }

  async #begin(): Promise<void> {
    if (this.#begun) return
    const { exists, readFile } = platform()
    if (this.append && (await exists(this.path))) {
      const before = await readFile(this.path)
      this.#length = before.length
      // The last line may have been torn, or written by hand.
      if (before.length > 0 && before.at(-1) !== newline) {
        this.#waiting.unshift(Uint8Array.of(newline))
        this.#size++
      }
    }
    this.#begun = true
  }

  /** Where the file stands, and what is not durable yet. */
  saveState(): LogState {
    return {
      path: this.path,
      length: this.#begun ? this.#length : null,
      waiting: toBase64(concat(this.#waiting)),
    }
  }

  /** Goes back to where it stood. */
  loadState({ length, waiting }: LogState): void {
    this.#begun = length !== null
    this.#length = length ?? 0
    this.#unsure = true
    const bytes = fromBase64(waiting)
    this.#waiting.splice(0, this.#waiting.length, bytes)
    this.#size = bytes.length
  }
}

const newline = 10

/** A {@link LogFile} as data. */
export type LogState = {
  readonly path: string
  /** Null where it was not begun. */
  readonly length: number | null
  readonly waiting: string
}
