import type { Numbers } from '../frame/column.js'

const blockSize = 1 << 16

/** Numbers that are added one by one, in blocks, so that growing copies nothing. */
export class Grown<T extends Float64Array | Int32Array | Uint8Array> {
  readonly #blocks: T[] = []
  #block: T
  #at = 0

  constructor(readonly make: new (n: number) => T) {
    this.#block = new make(256)
  }

  get length(): number {
    return this.#blocks.reduce((n, b) => n + b.length, 0) + this.#at
  }

  push(value: number): void {
    if (this.#at === this.#block.length) {
      this.#blocks.push(this.#block)
      this.#block = new this.make(Math.min(blockSize, this.#block.length * 4))
      this.#at = 0
    }
    this.#block[this.#at++] = value
  }

  /** All of them in one array; the blocks are let go one after the other. */
  into<O extends Numbers>(make: new (n: number) => O): O {
    const out = new make(this.length)
    let at = 0
    for (const block of [...this.#blocks, this.#block.subarray(0, this.#at)]) {
      out.set(block, at)
      at += block.length
    }
    this.#blocks.length = 0
    this.#at = 0
    return out
  }
}
