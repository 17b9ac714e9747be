import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { philox } from './philox.js'

/** 32-bit FNV-1a of a name. */
function hashName(name: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193)
  return h >>> 0
}

/**
 * The draws at one place of a run: `new Random(seed, 'order', epoch)` always gives the same numbers, whatever
 * was drawn elsewhere before. A run therefore resumes anywhere, on any number of workers.
 *
 * @example
 * const random = new Random(42, 'flip', epoch, item)
 * const flipped = random.uniform() < 0.5
 */
export class Random {
  readonly #key0: number
  readonly #key1: number
  readonly #counter: Uint32Array
  readonly #words = new Uint32Array(4)
  #next = 4

  /** `seed` is an integer up to 2^53; `stream` says what is drawn; up to three integers say where. */
  constructor(seed: number, stream: string, ...where: readonly number[]) {
    if (!Number.isSafeInteger(seed)) {
      throw new EspalierError('random/seed', `the seed must be an integer, got ${describe(seed)}`, {
        fix: 'say seed: 42',
      })
    }
    if (where.length > 3)
      throw new EspalierError('random/where', `Random: at most 3 indices, got ${where.length}`)
    this.#key0 = (seed ^ hashName(stream)) >>> 0
    this.#key1 = (Math.floor(seed / 2 ** 32) + hashName(`${stream}'`)) >>> 0
    this.#counter = Uint32Array.of(0, where[0] ?? 0, where[1] ?? 0, where[2] ?? 0)
  }

  /** How many 32-bit words were drawn so far: with it the draws can go on in another thread. */
  get position(): number {
    return 4 * this.#counter[0]! - 4 + this.#next
  }

  /** Goes to where `words` 32-bit words have been drawn. */
  moveTo(words: number): void {
    this.#counter[0] = Math.floor(words / 4)
    this.#next = 4
    for (let left = words % 4; left > 0; left--) this.uint32()
  }

  uint32(): number {
    if (this.#next === 4) {
      philox(this.#key0, this.#key1, this.#counter, this.#words)
      this.#counter[0]!++
      this.#next = 0
    }
    return this.#words[this.#next++]!
  }

  /** Uniform in [lo, hi), 32 bits fine. */
  uniform(lo = 0, hi = 1): number {
    return lo + ((hi - lo) * this.uint32()) / 2 ** 32
  }

  /** An integer in [0, n), without modulo bias. */
  int(n: number): number {
    let u = this.uint32()
    // Beyond this may lie a last run of fewer than n words, which would favour small numbers.
    if (u >= 2 ** 32 - n) {
      const limit = 2 ** 32 - (2 ** 32 % n)
      while (u >= limit) u = this.uint32()
    }
    return u - n * Math.floor(u / n)
  }

  /** Standard normal (Box–Muller, one of the pair). */
  normal(): number {
    const u = 1 - this.uniform()
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** The integers 0 … n−1 in random order (Fisher–Yates). */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const t = order[i]!
      order[i] = order[j]!
      order[j] = t
    }
    return order
  }
}
