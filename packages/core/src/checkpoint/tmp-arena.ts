/**
 * Memory that states are copied into on their way to the disk. It is kept, because memory that is used for the first
 * time costs as much as the copy itself.
 */
export class Arena {
  #bytes = new Uint8Array(0)
  #used = 0

  /** Makes sure that there is room, before it is needed. */
  reserve(bytes: number): void {
    if (bytes > this.#bytes.length) this.#bytes = new Uint8Array(bytes).fill(0) // To fill it is to use it.
  }

  /** Begins anew: what was taken before is no longer used. */
  reset(bytes: number): void {
    this.reserve(bytes)
    this.#used = 0
  }

  take(bytes: number): Uint8Array {
    this.#used += bytes
    return this.#bytes.subarray(this.#used - bytes, this.#used)
  }
}
