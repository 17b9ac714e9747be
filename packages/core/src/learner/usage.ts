import { EspalierError } from '@espalier/data'

/** One use of a learner that nothing else may come between: a fit, a validation. */
interface Hold {
  readonly what: string
  /** How many callbacks run now: while the use waits for them they may use the learner themselves. */
  lent: number
  readonly ended: Promise<void>
}

/**
 * Lets a learner be used for one thing at a time. What is not awaited is waited for here: two fits that were begun
 * at once run one after the other. What a callback does, the fit waits for, so it goes ahead.
 */
export class Usage {
  #holds: readonly Hold[] = []
  #disposed = false

  /** Throws where the learner was disposed. */
  alive(): void {
    if (!this.#disposed) return
    const holder = this.#holds.at(-1)
    throw new EspalierError(
      'learner/disposed',
      `this learner was disposed${holder ? ` while ${holder.what} ran` : ''}: its weights are gone`,
      {
        fix: 'await everything it does before the end of the scope that it is declared in with `using`',
      },
    )
  }

  /** Throws where the learner is in use, for what cannot wait: `what` is said in the error. */
  free(what: string): void {
    this.alive()
    const holder = this.#holds.at(-1)
    if (!holder || holder.lent > 0) return
    throw new EspalierError('learner/busy', `${what}: ${holder.what} of this learner still runs`, {
      fix: 'await it first',
    })
  }

  /** Does something once the learner is free, and keeps it till the end. */
  async hold<T>(what: string, run: () => Promise<T>): Promise<T> {
    this.alive()
    for (let holder = this.#holds.at(-1); holder && holder.lent === 0; holder = this.#holds.at(-1)) {
      await holder.ended
      this.alive()
    }
    let end = () => {}
    const hold: Hold = { what, lent: 0, ended: new Promise((resolve) => (end = resolve)) }
    this.#holds = [...this.#holds, hold]
    try {
      return await run()
    } finally {
      this.#holds = this.#holds.filter((h) => h !== hold)
      end()
    }
  }

  /** Runs a callback of what holds the learner now, which may use it. */
  lend<T>(callback: () => T): T {
    const holder = this.#holds.at(-1)
    if (!holder) return callback()
    holder.lent++
    let result: T
    try {
      result = callback()
    } catch (error) {
      holder.lent--
      throw error
    }
    if (result instanceof Promise) return result.finally(() => holder.lent--) as T
    holder.lent--
    return result
  }

  get disposed(): boolean {
    return this.#disposed
  }

  /** Says that the learner is gone. */
  dispose(): void {
    this.#disposed = true
  }
}
