type Callback<R> = (error: Error | null, result: R) => void

/** Calls a function of a native library in another thread; both must be safe for that. */
export function inBackground<A extends readonly unknown[], R>(
  bound: (...args: A) => R,
  ...args: A
): Promise<R> {
  const call = bound as unknown as { async(...args: readonly [...A, Callback<R>]): void }
  return new Promise((resolve, reject) => {
    call.async(...args, (error, result) => (error ? reject(error) : resolve(result)))
  })
}
