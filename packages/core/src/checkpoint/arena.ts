/** How much memory is asked for at a time, and at most lies in one piece. */
const blockBytes = 2 ** 24

/**
 * Memory that states are copied into on their way to the disk. It is kept, because memory that is used for the first
 * time costs as much as the copy itself. It lies in blocks: a state may be larger than the largest array there can be.
 */
export class Arena {
  readonly #blocks: Uint8Array[] = []
  #bytes = 0
  /** Where the free memory begins. */
  #block = 0
  #used = 0

  /** Makes sure that there is room, before it is needed. */
  reserve(bytes: number): void {
    while (this.#bytes < bytes) {
      const size = Math.min(blockBytes, 8 * Math.ceil((bytes - this.#bytes) / 8))
      this.#blocks.push(new Uint8Array(size).fill(0)) // To fill it is to use it.
      this.#bytes += size
    }
  }

  /** Begins anew: what was taken before is no longer used. */
  reset(bytes: number): void {
    this.reserve(bytes)
    this.#block = 0
    this.#used = 0
  }

  /** Room for so many bytes, in pieces. */
  take(bytes: number): Uint8Array[] {
    const pieces: Uint8Array[] = []
    for (let left = bytes; left > 0; ) {
      const piece = this.#blocks[this.#block]!.subarray(this.#used, this.#used + left)
      if (piece.length > 0) pieces.push(piece)
      left -= piece.length
      this.#used += piece.length
      if (left > 0) [this.#block, this.#used] = [this.#block + 1, 0]
    }
    return pieces
  }
}
