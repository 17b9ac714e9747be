import koffi from 'koffi'

/** Numbers of glibc's `mallopt` (`malloc.h`). */
const option = { trimThreshold: -1, topPad: -2, mmapMax: -4 } as const
const mebibyte = 2 ** 20

let trim: ((pad: number) => number) | undefined

/**
 * Lets glibc keep freed memory for the next tensors: each step of a fit asks for what the one before gave back, and to
 * get it from the system again, page by page, takes a fifth of a step of small layers. Other C libraries are left as
 * they are, and so is glibc where its environment says how.
 */
export function keepFreedMemory(env: NodeJS.ProcessEnv = process.env): void {
  const told = env['GLIBC_TUNABLES']?.includes('glibc.malloc') || Object.keys(env).some(tells)
  if (process.platform !== 'linux' || told) return
  try {
    const libc = koffi.load(null)
    const mallopt = libc.func('int mallopt(int, int)') as (what: number, value: number) => number
    mallopt(option.mmapMax, 0)
    mallopt(option.trimThreshold, 1024 * mebibyte)
    mallopt(option.topPad, 16 * mebibyte)
    trim = libc.func('int malloc_trim(size_t)') as typeof trim
  } catch {
    // No glibc: nothing to tell it.
  }
}

const tells = (name: string) => /^MALLOC_(MMAP_MAX|MMAP_THRESHOLD|TRIM_THRESHOLD|TOP_PAD)_$/.test(name)

/** Gives the system what was kept: what used it is over. */
export function returnFreedMemory(): void {
  trim?.(0)
}
