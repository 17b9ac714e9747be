import type { WorkerOptions } from 'node:worker_threads'
import { reasonOf } from '../../errors.js'
import type { Recipe } from '../../load/crew.js'
import { type Job, Thread } from './thread.js'
import { ThreadCrew } from './thread-crew.js'

/** How many recipes the threads keep, of loops that ended: the next epoch has the same. */
const kept = 16

/** For how long threads are kept that nobody needs, in ms. */
const idle = 10_000

/** The threads of the process. They are started when there is work for them and end when there was none for a while. */
export class ThreadPool {
  readonly #threads: (Thread | undefined)[] = []
  readonly #crews = new Set<ThreadCrew>()
  /** By what they say, the one that was used last at the end. */
  readonly #recipes = new Map<string, { readonly number: number; readonly steps: Recipe }>()
  #lastRecipe = 0
  /** Those that threads cannot make. */
  readonly #unable = new Set<number>()
  #closing: NodeJS.Timeout | undefined
  /** Threads cannot be started. */
  #broken = false

  /** The program of a thread, and what it is run with. */
  constructor(
    readonly file: URL,
    readonly options: WorkerOptions,
  ) {}

  /** How many threads there are. */
  get size(): number {
    return this.#threads.filter((thread) => thread).length
  }

  /** Threads for a loop: `count` of them, shared with other loops. */
  crew(steps: Recipe, count: number): ThreadCrew | undefined {
    if (this.#broken) return undefined
    const recipe = this.#recipe(steps)
    if (this.#unable.has(recipe)) return undefined
    const crew = new ThreadCrew(this, recipe, count)
    this.#crews.add(crew)
    clearTimeout(this.#closing)
    return crew
  }

  dismiss(crew: ThreadCrew, jobs: ReadonlySet<Job>): void {
    this.#crews.delete(crew)
    for (const thread of this.#threads) thread?.drop(jobs)
    this.pump()
    if (this.#crews.size > 0) return
    clearTimeout(this.#closing)
    this.#closing = setTimeout(() => void this.close(), idle).unref()
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread?.close()))
  }

  /** Gives samples that wait to threads that have room, one of each loop in turn. */
  pump(): void {
    for (let moved = true; moved; ) {
      moved = false
      for (const crew of this.#crews) if (crew.waits && this.#move(crew)) moved = true
    }
    const waits = [...this.#crews].some((crew) => crew.waits)
    for (const thread of this.#threads) if (thread) thread.awaited = waits
  }

  #move(crew: ThreadCrew): boolean {
    const ready = this.#threadsOf(crew).filter((thread) => thread.knows(crew.recipe))
    if (!crew.waits) return true
    if (ready.length === 0) return crew.doHere()
    const [least] = ready.filter((thread) => thread.hasRoom).sort((a, b) => a.load - b.load)
    least?.take(crew.recipe, crew.next())
    return least !== undefined
  }

  #threadsOf({ recipe, count }: ThreadCrew): Thread[] {
    const { steps } = [...this.#recipes.values()].find(({ number }) => number === recipe)!
    try {
      return Array.from({ length: count }, (_, i) => {
        const thread = this.#threads[i] ?? this.#start(i)
        thread.learn(recipe, { do: 'make', recipe, steps })
        return thread
      })
    } catch (error) {
      this.#break(reasonOf(error))
      return []
    }
  }

  #start(i: number): Thread {
    const thread = new Thread(this.file, this.options, {
      ready: () => this.pump(),
      unable: (recipe, error) => {
        if (!this.#unable.has(recipe)) warn(reasonOf(error))
        this.#unable.add(recipe)
        for (const crew of this.#crews) if (crew.recipe === recipe) crew.stay()
      },
      gone: (began, reason) => {
        this.#threads[i] = undefined
        if (began) this.pump()
        else this.#break(reason)
      },
    })
    this.#threads[i] = thread
    return thread
  }

  #break(reason: string): void {
    if (!this.#broken) warn(reason)
    this.#broken = true
    for (const crew of this.#crews) crew.stay()
  }

  #recipe(steps: Recipe): number {
    const key = JSON.stringify(steps)
    const known = this.#recipes.get(key) ?? { number: ++this.#lastRecipe, steps }
    this.#recipes.delete(key)
    this.#recipes.set(key, known)
    const used = new Set([...this.#crews].map((crew) => crew.recipe)).add(known.number)
    for (const { number } of [...this.#recipes.values()].slice(0, -kept)) {
      if (!used.has(number)) this.#forget(number)
    }
    return known.number
  }

  #forget(recipe: number): void {
    for (const [key, { number }] of this.#recipes) if (number === recipe) this.#recipes.delete(key)
    for (const thread of this.#threads) thread?.forget(recipe)
  }
}

/** Threads only make loading faster: where there are none, everything is done all the same. */
function warn(reason: string): void {
  process.emitWarning(`samples are loaded on the main thread, not in worker threads: ${reason}`, {
    code: 'ESPALIER_WORKERS',
  })
}
