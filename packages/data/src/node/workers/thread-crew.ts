import type { Begun, Crew, Done } from '../../load/crew.js'
import type { Job } from './thread.js'
import type { ThreadPool } from './thread-pool.js'

/** How many samples this thread works on while no other one is ready. */
const hereAtOnce = 8

/** The threads of a loop, as a queue of samples that wait for one. How long it becomes is the loader's to say. */
export class ThreadCrew implements Crew {
  readonly #queue: Job[] = []
  readonly #live = new Set<Job>()
  #here = 0
  #stay = false

  constructor(
    readonly pool: ThreadPool,
    readonly recipe: number,
    readonly count: number,
  ) {}

  finish(begun: Begun, here: () => Promise<Done>): Promise<Done> {
    if (this.#stay) return here()
    return new Promise((resolve, reject) => {
      const job: Job = {
        begun,
        here,
        resolve: (done) => {
          this.#live.delete(job)
          resolve(done)
        },
        reject: (error) => {
          this.#live.delete(job)
          reject(error)
        },
        stays: () => this.stay(),
      }
      this.#live.add(job)
      this.#queue.push(job)
      this.pool.pump()
    })
  }

  get waits(): boolean {
    return this.#queue.length > 0
  }

  /** The next sample for a thread. */
  next(): Job {
    return this.#queue.shift()!
  }

  /** Does a sample on this thread, unless it has enough of them. */
  doHere(): boolean {
    if (this.#here >= hereAtOnce) return false
    const job = this.next()
    this.#here++
    job
      .here()
      .then(job.resolve, job.reject)
      .finally(() => {
        this.#here--
        this.pool.pump()
      })
    return true
  }

  /** From now on everything is done on this thread. */
  stay(): void {
    this.#stay = true
    for (const job of this.#queue.splice(0)) job.resolve(job.here())
  }

  [Symbol.dispose](): void {
    this.#queue.length = 0
    this.pool.dismiss(this, this.#live)
  }
}
