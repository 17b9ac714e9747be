import { Worker, type WorkerOptions } from 'node:worker_threads'
import { EspalierError, listed, reasonOf } from '../../errors.js'
import type { Begun, Done } from '../../load/crew.js'
import { errorOf } from './failure.js'
import type { Order, Report } from './messages.js'

/** A sample on its way through a thread. */
export interface Job {
  readonly begun: Begun
  /** Does the same without a thread. */
  here(): Promise<Done>
  resolve(done: Done | Promise<Done>): void
  reject(error: unknown): void
  /** The sample was made but cannot cross: the others of its kind will not either. */
  stays(): void
}

/** What a thread tells its pool. */
export interface ThreadEvents {
  /** It can take more work, or knows another recipe. */
  ready(): void
  /** It cannot make a recipe. */
  unable(recipe: number, error: unknown): void
  /** It is gone; `began` says whether it ever ran. */
  gone(began: boolean, reason: string): void
}

/** How many samples a thread has at a time: while one is read or decoded, another one is computed. */
const atOnce = 3

/** A worker thread, and the samples that are in it. It never keeps the process alive but for a sample somebody waits for. */
export class Thread {
  readonly #worker: Worker
  readonly #events: ThreadEvents
  readonly #recipes = new Map<number, 'asked' | 'made'>()
  readonly #jobs = new Map<number, { readonly recipe: number; readonly job: Job | undefined }>()
  #lastJob = 0
  #began = false
  #closing = false
  #awaited = false
  #reason: string | undefined

  constructor(file: URL, options: WorkerOptions, events: ThreadEvents) {
    this.#events = events
    this.#worker = new Worker(file, { name: 'espalier-loader', ...options })
    this.#worker.unref()
    this.#worker.on('message', (report: Report) => this.#hear(report))
    this.#worker.on('error', (error) => {
      this.#reason = reasonOf(error)
    })
    this.#worker.on('exit', (code) => this.#end(this.#reason ?? `exit code ${code}`))
  }

  /** How many samples it has. */
  get load(): number {
    return this.#jobs.size
  }

  get hasRoom(): boolean {
    return this.#jobs.size < atOnce
  }

  knows(recipe: number): boolean {
    return this.#recipes.get(recipe) === 'made'
  }

  /** Lets it make the steps of a recipe, if it has not been asked yet. */
  learn(recipe: number, order: Order): void {
    if (this.#recipes.has(recipe)) return
    this.#recipes.set(recipe, 'asked')
    this.#worker.postMessage(order)
  }

  forget(recipe: number): void {
    if (this.#recipes.delete(recipe)) this.#tell({ do: 'forget', recipe })
  }

  take(recipe: number, job: Job): void {
    const number = ++this.#lastJob
    this.#jobs.set(number, { recipe, job })
    this.#hold()
    this.#tell({ do: 'finish', job: number, recipe, begun: job.begun })
  }

  /** Nobody waits for these samples any more. */
  drop(jobs: ReadonlySet<Job>): void {
    for (const [number, { recipe, job }] of this.#jobs) {
      if (job && jobs.has(job)) this.#jobs.set(number, { recipe, job: undefined })
    }
    this.#hold()
  }

  /** Whether samples wait for room in it: what nobody needs any more may still fill it. */
  set awaited(waits: boolean) {
    this.#awaited = waits
    this.#hold()
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#worker.terminate()
  }

  #tell(order: Order): void {
    this.#worker.postMessage(order)
  }

  #hear(report: Report): void {
    if (report.say === 'hello') this.#began = true
    else if (report.say === 'made') {
      if (report.failure) this.#events.unable(report.recipe, errorOf(report.failure))
      else this.#recipes.set(report.recipe, 'made')
    } else {
      const job = this.#jobs.get(report.job)?.job
      this.#jobs.delete(report.job)
      this.#hold()
      if (report.say === 'finished') job?.resolve({ elements: report.elements, position: report.position })
      else if (report.say === 'failed') job?.reject(errorOf(report.failure))
      else if (job) {
        job.stays()
        job.resolve(job.here())
      }
    }
    this.#events.ready()
  }

  /** Keeps the process alive while somebody waits for a sample in it, or for room. */
  #hold(): void {
    if (this.#awaited || [...this.#jobs.values()].some(({ job }) => job)) this.#worker.ref()
    else this.#worker.unref()
  }

  #end(reason: string): void {
    const jobs = [...this.#jobs.values()].flatMap(({ job }) => job ?? [])
    this.#jobs.clear()
    if (!this.#closing) this.#events.gone(this.#began, reason)
    for (const job of jobs) job.reject(died(reason, jobs))
  }
}

function died(reason: string, jobs: readonly Job[]): EspalierError {
  const ids = jobs.map((job) => job.begun.id)
  const which = ids.length > 1 ? `one of ${listed(ids)}` : (ids[0] ?? 'a sample')
  return new EspalierError(
    'loader/worker',
    `a worker thread ended while it was loading ${which}: ${reason}`,
    {
      fix: 'load with workers: 0 to see which item and which step it is; if memory ran out, use fewer workers',
    },
  )
}
