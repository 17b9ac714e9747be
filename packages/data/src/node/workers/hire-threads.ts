import { realpathSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { isMainThread, type WorkerOptions } from 'node:worker_threads'
import type { Hire, Recipe } from '../../load/crew.js'
import { ownModule } from '../own-module.js'
import { ThreadPool } from './thread-pool.js'

let pool: ThreadPool | undefined

/** The threads of the process; undefined where there can be none. */
export function threadPool(): ThreadPool | undefined {
  const file = pool?.file ?? ownModule(import.meta.url, 'node/workers/worker')
  if (file) pool ??= new ThreadPool(...threadProgram(file))
  return pool
}

/** From source, threads need the hooks of tsx: they do not inherit them. */
function threadProgram(worker: URL): [URL, WorkerOptions] {
  if (worker.pathname.endsWith('.js')) return [worker, {}]
  return [new URL('./from-source.mjs', worker), { execArgv: ['--conditions=espalier-source'] }]
}

/** How many threads a loader has that was not told: this one and the engine need processors too. */
const usualWorkers = (): number => Math.min(2, availableParallelism() - 1)

/** So many samples are worth starting threads for; fewer are loaded before these run. */
const worthwhile = 100

/** Finds threads of the process for a recipe. */
export const hireThreads: Hire = (recipe, { workers, heavy, samples }) => {
  const helps = heavy && (samples >= worthwhile || (pool?.size ?? 0) > 0)
  const count = workers ?? (helps ? usualWorkers() : 0)
  return count > 0 && isMainThread && !runsProgram(recipe) ? threadPool()?.crew(recipe, count) : undefined
}

/** Whether making the steps would run the program itself once more, in every thread. */
function runsProgram({ pipelines = [], itemTfms }: Recipe): boolean {
  const modules = new Set([...pipelines.flat(), ...itemTfms].map(({ module }) => module))
  return modules.has(program())
}

function program(): string {
  try {
    return pathToFileURL(realpathSync(process.argv[1] ?? '')).href
  } catch {
    return ''
  }
}
