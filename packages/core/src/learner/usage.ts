import { EspalierError } from '@espalier/data'

/** One use of a learner that nothing else may come between: a fit, a validation. */
interface Hold {
  readonly what: string
  /** How many callbacks run now: while the use waits for them they may use the learner themselves. */
  lent: number
  /** Whether it waits for whoever reads its results: what changes nothing may go ahead meanwhile. */
  paused: boolean
  readonly ended: Promise<void>
}

/** Waits for something, while what changes nothing may use the learner. */
export type Pause = <T>(wait: () => Promise<T>) => Promise<T>

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

  /**
   * Does something once the learner is free, and keeps it till the end. What `reads` leaves the learner as it is, and
   * may go ahead where another use is paused. `run` is given the way to pause.
   */
  async hold<T>(
    what: string,
    run: (pause: Pause) => Promise<T>,
    { reads = false }: { readonly reads?: boolean } = {},
  ): Promise<T> {
    this.alive()
    const inTheWay = () => {
      const holder = this.#holds.at(-1)
      return holder && holder.lent === 0 && !(reads && holder.paused) ? holder : undefined
    }
    for (let holder = inTheWay(); holder; holder = inTheWay()) {
      await holder.ended
      this.alive()
    }
    let end = () => {}
    const hold: Hold = { what, lent: 0, paused: false, ended: new Promise((resolve) => (end = resolve)) }
    this.#holds = [...this.#holds, hold]
    try {
      return await run((wait) => this.#pause(hold, wait))
    } finally {
      this.#holds = this.#holds.filter((h) => h !== hold)
      end()
    }
  }

  /** Waits, and then for what went ahead meanwhile. */
  async #pause<T>(hold: Hold, wait: () => Promise<T>): Promise<T> {
    hold.paused = true
    const result = await wait()
    hold.paused = false
    for (let top = this.#holds.at(-1); top && top !== hold; top = this.#holds.at(-1)) await top.ended
    return result
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
