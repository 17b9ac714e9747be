import { EspalierError, reasonOf } from '@espalier/data'
import { shownUrl } from './follow.js'

/** Ends a request that has been silent for too long, or that its caller no longer wants. */
export class Patience implements Disposable {
  readonly #silence = new AbortController()
  #timer: NodeJS.Timeout | undefined
  readonly signal: AbortSignal

  constructor(
    readonly ms: number,
    readonly url: URL,
    readonly caller?: AbortSignal,
  ) {
    this.signal = caller ? AbortSignal.any([caller, this.#silence.signal]) : this.#silence.signal
    this.heard()
  }

  /** Something came: the waiting begins anew. */
  heard(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#silence.abort(), this.ms)
  }

  /** What went wrong, in words: it was given up, it was silent, or the network failed. */
  explain(error: unknown): EspalierError {
    if (error instanceof EspalierError) return error
    const where = shownUrl(this.url)
    if (this.caller?.aborted) return aborted(where, this.caller.reason)
    if (this.#silence.signal.aborted) {
      return new EspalierError('weights/timeout', `${where} sent nothing for ${this.ms / 1000} s`, {
        fix: 'try again later, or pass a longer timeout',
        cause: error,
      })
    }
    const cause = error instanceof Error && error.cause !== undefined ? `: ${reasonOf(error.cause)}` : ''
    return new EspalierError('weights/network', `cannot fetch ${where}: ${reasonOf(error)}${cause}`, {
      fix: 'check the network; a file that was fetched before is found without it',
      cause: error,
    })
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

/** For work that its caller gave up. */
export function aborted(what: string, reason: unknown): EspalierError {
  return new EspalierError('weights/aborted', `gave up fetching ${what}: ${reasonOf(reason)}`, {
    cause: reason,
  })
}
