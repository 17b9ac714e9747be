import { EspalierError } from '@espalier/data'

/** The memory that reading a file may take beside the file itself, so that a small file cannot ask for all of it. */
export class Allowance {
  #left: number

  constructor(readonly bytes: number) {
    this.#left = bytes
  }

  /** Takes `bytes` for `what` before they are allocated. Throws `torch/too-large`. */
  spend(bytes: number, what: string): void {
    if (bytes > this.#left) {
      throw new EspalierError(
        'torch/too-large',
        `${what} takes ${bytes} bytes; of the ${this.bytes} that this file may take, ${this.#left} are left`,
        { fix: 'if the file is not hostile, pass a larger maxBytes' },
      )
    }
    this.#left -= bytes
  }
}
