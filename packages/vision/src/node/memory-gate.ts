/** Lets work through in order of arrival while the bytes it holds stay under a limit. */
export class MemoryGate {
  #held = 0
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = []

  constructor(readonly limit: number) {}

  /** Runs `work` once there is room for `bytes`; work larger than the limit runs alone. */
  async hold<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) {
      await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }))
    } else this.#held += bytes
    try {
      return await work()
    } finally {
      this.#held -= bytes
      this.#admit()
    }
  }

  #fits(bytes: number): boolean {
    return this.#held === 0 || this.#held + bytes <= this.limit
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#held += next.bytes
      next.enter()
    }
  }
}
