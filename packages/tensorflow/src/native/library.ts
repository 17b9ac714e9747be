import { EspalierError, reasonOf } from '@espalier/data'
import koffi, { type LibraryHandle } from 'koffi'

/** An address in native memory. */
export type Pointer = bigint

/** A shared library; `bind` looks a function up by its C prototype. */
export interface NativeLibrary {
  readonly path: string
  bind<F extends (...args: never[]) => unknown>(prototype: string): F
  has(symbol: string): boolean
}

// dlopen flags; macOS numbers them in its own way.
const darwin = process.platform === 'darwin'
const now = 2
const global = darwin ? 0x8 : 0x100
const noDelete = darwin ? 0x80 : 0x1000

let dlopen: ((path: string, flags: number) => Pointer | null) | undefined

/**
 * Opens a shared library for the rest of the process: libtensorflow crashes when it is unloaded, which is what
 * a handle that is collected at exit would do. `shared` lends its symbols to libraries opened later.
 */
export function openLibrary(path: string, { shared = false } = {}): NativeLibrary {
  try {
    if (process.platform !== 'win32') {
      dlopen ??= koffi.load(null).func('void *dlopen(const char *, int)')
      dlopen(path, now | noDelete | (shared ? global : 0))
    }
    const library = koffi.load(path, { global: shared })
    return {
      path,
      bind: (prototype) => library.func(prototype) as never,
      has: (symbol) => has(library, symbol),
    }
  } catch (error) {
    throw new EspalierError('engine/load', `the library '${path}' cannot be loaded: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

function has(library: LibraryHandle, symbol: string): boolean {
  try {
    library.symbol(symbol)
    return true
  } catch {
    return false
  }
}
