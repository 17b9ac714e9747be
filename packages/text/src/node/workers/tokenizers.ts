import { availableParallelism } from 'node:os'
import { isMainThread, Worker, type WorkerOptions } from 'node:worker_threads'
import { EspalierError } from '@espalier/data'
import { ownModule } from '@espalier/data/node'
import type { TextProcessor, TextProcessorSpec } from '../../tokenize/text-processor.js'
import type { Done, Failed, Order } from './messages.js'
import { BatchTokenizer } from './tokenize-batch.js'

/** Somebody who tokenizes batches, one after the other. */
export interface Hand {
  /** The tokens that it has met: its numbers are places here. */
  readonly words: string[]
  done(order: Order): Promise<Done>
}

/** Those who tokenize for one caller, until it is disposed. */
export interface Crew extends Disposable {
  readonly hands: readonly Hand[]
}

/** How many threads there are when nobody says. */
const usual = () => Math.min(8, availableParallelism())

/** For how long threads are kept that nobody needs, in ms: what they have met makes them faster. */
const idle = 10_000

/** Threads by what they do. */
const kept = new Map<string, { readonly hands: ThreadHand[]; users: number; closing?: NodeJS.Timeout }>()

/** As many threads as are asked for; this one alone where there can be none. */
export function hire(processor: TextProcessor, workers = usual()): Crew {
  const spec = processor.spec()
  const file = ownModule(import.meta.url, 'node/workers/worker')
  if (workers === 0 || !spec || !file || !isMainThread) {
    return { hands: [new OwnHand(processor)], [Symbol.dispose]() {} }
  }
  const key = JSON.stringify(spec)
  const all = kept.get(key) ?? { hands: [], users: 0 }
  kept.set(key, all)
  clearTimeout(all.closing)
  all.users++
  for (const [i, hand] of all.hands.entries()) if (hand.ended) all.hands[i] = startThread(file, spec)
  while (all.hands.length < workers) all.hands.push(startThread(file, spec))
  return {
    hands: all.hands.slice(0, workers),
    [Symbol.dispose]() {
      if (--all.users > 0) return
      all.closing = setTimeout(() => {
        kept.delete(key)
        for (const hand of all.hands) hand.close()
      }, idle).unref()
    },
  }
}

function startThread(file: URL, spec: TextProcessorSpec): ThreadHand {
  const [program, options] = threadProgram(file)
  return new ThreadHand(new Worker(program, { ...options, workerData: spec }))
}

/** From source, threads need the hooks of tsx: they do not inherit them. */
function threadProgram(worker: URL): [URL, WorkerOptions] {
  const options = { name: 'espalier-tokenizer' }
  if (worker.pathname.endsWith('.js')) return [worker, options]
  return [new URL('./from-source.mjs', worker), { ...options, execArgv: ['--conditions=espalier-source'] }]
}

class OwnHand implements Hand {
  readonly words: string[] = []
  readonly #tokenizer: BatchTokenizer

  constructor(processor: TextProcessor) {
    this.#tokenizer = new BatchTokenizer(processor)
  }

  async done(order: Order): Promise<Done> {
    const done = await this.#tokenizer.done(order)
    for (const word of done.words) this.words.push(word)
    return done
  }
}

interface Waiting {
  resolve(done: Done): void
  reject(error: unknown): void
}

class ThreadHand implements Hand {
  readonly words: string[] = []
  readonly #waiting = new Map<number, Waiting>()
  #last = 0
  #ended: EspalierError | undefined

  constructor(readonly worker: Worker) {
    worker.unref()
    worker.on('message', (answer: Done | Failed) => this.#hear(answer))
    worker.on('error', (error) => this.#end(error.message))
    worker.on('exit', (code) => this.#end(`exit code ${code}`))
  }

  get ended(): boolean {
    return this.#ended !== undefined
  }

  done(order: Order): Promise<Done> {
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      const batch = ++this.#last
      this.#waiting.set(batch, { resolve, reject })
      this.worker.ref()
      this.worker.postMessage({ ...order, batch })
    })
  }

  close(): void {
    void this.worker.terminate()
  }

  #hear(answer: Done | Failed): void {
    const waiting = this.#waiting.get(answer.batch)
    this.#waiting.delete(answer.batch)
    if (this.#waiting.size === 0) this.worker.unref()
    if ('failure' in answer) {
      const { code, message } = answer.failure
      waiting?.reject(new EspalierError(code, message))
      return
    }
    for (const word of answer.words) this.words.push(word)
    waiting?.resolve(answer)
  }

  #end(reason: string): void {
    this.#ended ??= new EspalierError('text/worker', `a thread that tokenizes ended: ${reason}`, {
      fix: 'tokenize with workers: 0 to see at which text; if memory ran out, use fewer workers',
    })
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }
}
