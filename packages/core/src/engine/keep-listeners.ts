const events = ['uncaughtException', 'unhandledRejection'] as const

/**
 * Runs something that installs handlers of its own for uncaught errors, and takes those away again: tfjs's wasm
 * module would answer every error with its whole source code.
 */
export async function keepListeners<T>(run: () => Promise<T>): Promise<T> {
  if (typeof process === 'undefined' || typeof process.listeners !== 'function') return run()
  const before = events.map((event) => new Set<unknown>(process.listeners(event as 'uncaughtException')))
  try {
    return await run()
  } finally {
    for (const [i, event] of events.entries()) {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before[i]!.has(listener)) process.removeListener(event, listener)
      }
    }
  }
}
