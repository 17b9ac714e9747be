import { hostname } from 'node:os'
import type { EndSignal, ProcessAccess } from '../platform.js'

const signals: readonly EndSignal[] = ['SIGINT', 'SIGTERM']

/** The Node process. */
export const processAccess: ProcessAccess = {
  pid: process.pid,
  host: hostname(),
  isRunning(pid) {
    try {
      process.kill(pid, 0)
      return true
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM' // It runs, and belongs to somebody else.
    }
  },
  onSignal(handler) {
    for (const signal of signals) process.on(signal, handler)
    return () => {
      for (const signal of signals) process.off(signal, handler)
    }
  },
  exit: (code) => process.exit(code),
}
