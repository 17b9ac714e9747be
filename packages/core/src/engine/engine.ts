import { EspalierError, reasonOf } from '@espalier/data'
import { keepListeners } from './keep-listeners.js'
import { installKernels } from './kernel.js'
import * as tf from './tf.js'

/** What computes: `native` is libtensorflow, `wasm` and `cpu` run anywhere, `webgl` in a browser. */
export type EngineName = 'native' | 'wasm' | 'cpu' | 'webgl'

/** The engine in use, for messages and reports. */
export interface EngineInfo {
  readonly name: EngineName
  /** The version of what is under it. */
  readonly version: string
  /** Why this engine and not a faster one. */
  readonly why: string
  /** How many threads one operation may use, where the engine tells. */
  readonly threads?: number
}

/** What `@espalier/tensorflow` exports for core. */
export interface NativeEngine {
  /** Loads libtensorflow and registers it as a tfjs backend; throws a readable error where it cannot. */
  activate(): Promise<Backend>
}

/** A tfjs backend that was started. */
interface Backend {
  readonly backend: string
  readonly version: string
  readonly threads?: number
}

type Loader = () => Promise<NativeEngine>

const nativePackage = '@espalier/tensorflow'
let loadNative: Loader = () => import(/* @vite-ignore */ nativePackage) as Promise<NativeEngine>
let current: EngineInfo | undefined

/** Says where the native engine comes from when it cannot be found by its name. */
export function setNativeEngine(loader: Loader): void {
  loadNative = loader
}

/**
 * Chooses the engine: the given one, else the one named by `ESPALIER_ENGINE`, else the fastest that works
 * (native → wasm → cpu; in a browser webgl → wasm → cpu). Called by every learner; calling it again with
 * another name switches, and tensors made before are moved when they are next used.
 *
 * @example
 * const { name, why } = await useEngine('wasm')
 */
export function useEngine(name?: EngineName): Promise<EngineInfo> {
  const chosen = choosing.then(() => choose(name))
  choosing = chosen.catch(() => {})
  return chosen
}

/** The calls take turns: tfjs forgets a backend that is still starting when another is asked for. */
let choosing: Promise<unknown> = Promise.resolve()

async function choose(name?: EngineName): Promise<EngineInfo> {
  const wanted = name ?? (current ? current.name : fromEnvironment())
  if (wanted && current?.name === wanted) return current
  if (wanted) {
    current = await activate(wanted, name ? 'asked for' : 'ESPALIER_ENGINE')
    return current
  }
  const failures: string[] = []
  for (const candidate of candidates()) {
    try {
      current = await activate(candidate, failures.join('; ') || 'the fastest engine')
      return current
    } catch (error) {
      failures.push(`no ${candidate}: ${reasonOf(error).split('\n')[0]}`)
    }
  }
  throw new EspalierError('engine/none', `no engine works here: ${failures.join('; ')}`)
}

/** The engine in use. Throws before the first {@link useEngine}. */
export function currentEngine(): EngineInfo {
  if (!current) throw new EspalierError('engine/unset', 'no engine yet', { fix: 'await useEngine() first' })
  return current
}

const engines: readonly EngineName[] = ['native', 'wasm', 'cpu', 'webgl']

function fromEnvironment(): EngineName | undefined {
  const value = typeof process === 'undefined' ? undefined : process.env?.['ESPALIER_ENGINE']
  return value ? checked(value) : undefined
}

function checked(name: string): EngineName {
  if (engines.includes(name as EngineName)) return name as EngineName
  throw new EspalierError('engine/unknown', `there is no engine '${name}'`, {
    fix: `one of ${engines.join(', ')}`,
  })
}

function candidates(): readonly EngineName[] {
  return typeof process !== 'undefined' && process.versions?.node
    ? ['native', 'wasm', 'cpu']
    : ['webgl', 'wasm', 'cpu']
}

async function activate(name: EngineName, why: string): Promise<EngineInfo> {
  const { backend, version, threads } = await backendOf(checked(name))
  if (!tf.findBackendFactory(backend) || !(await keepListeners(() => tf.setBackend(backend)))) {
    throw new EspalierError('engine/failed', `the engine '${name}' could not be started here`)
  }
  if (name === 'cpu') (tf.backend() as { firstUse?: boolean }).firstUse = false
  if (name === 'wasm') await (await import('../wasm/install.js')).installWasmKernels()
  installKernels(backend)
  return { name, version, why, ...(threads !== undefined && { threads }) }
}

/** The package is optional: where it is missing, a stack of module paths would tell nobody what to do. */
function notInstalled(error: unknown): never {
  const missing = (error as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND'
  if (!missing || !reasonOf(error).includes(`'${nativePackage}'`)) throw error
  throw new EspalierError('engine/native', `${nativePackage} is not installed`, {
    fix: `npm install ${nativePackage}, or useEngine('wasm')`,
    cause: error,
  })
}

async function backendOf(name: EngineName): Promise<Backend> {
  if (name === 'native') return (await loadNative().catch(notInstalled)).activate()
  if (name === 'wasm') await tf.loadWasmBackend()
  return { backend: name, version: `tfjs ${tf.version_core}` }
}
