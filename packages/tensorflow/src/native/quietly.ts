import { closeSync, constants, openSync } from 'node:fs'
import koffi from 'koffi'

interface Descriptors {
  readonly dup: (fd: number) => number
  readonly dup2: (from: number, to: number) => number
  readonly close: (fd: number) => number
}

const stderr = 2

/**
 * Runs `load` with the standard error stream of native code shut: libtensorflow announces itself there while it
 * is loaded, whatever log level is asked for. Log level 0 leaves it open.
 */
export function quietly<T>(load: () => T): T {
  if (process.platform === 'win32' || process.env['TF_CPP_MIN_LOG_LEVEL'] === '0') return load()
  const { dup, dup2, close } = descriptors()
  const saved = dup(stderr)
  if (saved < 0) return load()
  const nowhere = openSync('/dev/null', constants.O_WRONLY)
  try {
    dup2(nowhere, stderr)
    return load()
  } finally {
    dup2(saved, stderr)
    close(saved)
    closeSync(nowhere)
  }
}

function descriptors(): Descriptors {
  const libc = koffi.load(null)
  return {
    dup: libc.func('int dup(int)') as Descriptors['dup'],
    dup2: libc.func('int dup2(int, int)') as Descriptors['dup2'],
    close: libc.func('int close(int)') as Descriptors['close'],
  }
}
