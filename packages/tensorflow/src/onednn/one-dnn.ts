import { EspalierError } from '@espalier/data'
import type { NativeLibrary, Pointer } from '../native/library.js'
import { copyBytes } from '../native/memory.js'
import { bindOneDnn, type OneDnnApi } from './api.js'
import { anyTag, cpu, float32, inOrder } from './constants.js'

const outOfMemory = 1
const unimplemented = 3
/** Multiplications that one thread does in the time in which two could agree on who does which. */
const alone = 2 ** 25

/** oneDNN on this processor: its engine, its stream, and what plans are made of. Numbers are float32 unless said. */
export class OneDnn {
  readonly api: OneDnnApi
  readonly engine: Pointer
  readonly stream: Pointer
  readonly version: string
  readonly #out = new BigUint64Array(1)
  readonly #most: number
  #threads: number

  constructor(library: NativeLibrary, threads: number) {
    this.api = bindOneDnn(library)
    this.#most = threads
    this.#threads = threads
    this.api.setThreads(threads)
    // Plans are kept here, per shape: oneDNN need not keep them too.
    this.api.setCacheCapacity(0)
    this.engine = this.make('an engine', (out) => this.api.createEngine(out, cpu, 0))
    this.stream = this.make('a stream', (out) => this.api.createStream(out, this.engine, inOrder))
    this.version = versionOf(this.api)
  }

  /** How many threads work at once now. */
  get threads(): number {
    return this.#threads
  }

  /**
   * Lets one thread do what follows, or all of them: where the work takes microseconds, waking another takes longer, and
   * much longer while the processor is busy elsewhere.
   */
  useThreads(threads: number): void {
    if (threads === this.#threads) return
    this.api.setThreads(threads)
    this.#threads = threads
  }

  /**
   * As many threads as work of so many multiplications deserves. By its size alone: another number of threads may add in
   * another order, and a step that is repeated, or done again after a stop, is to give the same bits.
   */
  threadsFor(work: number): number {
    return work < alone ? 1 : this.#most
  }

  /** Calls a function that writes a pointer; `what` names the thing in the error. */
  make(what: string, create: (out: BigUint64Array) => number): Pointer {
    this.check(what, create(this.#out))
    return this.#out[0]!
  }

  /** The layout of a tensor: sizes in oneDNN's order (`n, c, h, w`, …) and how many elements apart neighbours lie. */
  describe(dims: readonly number[], strides: readonly number[], type = float32): Pointer {
    return this.make('a layout', (out) =>
      this.api.describe(out, dims.length, int64(dims), type, int64(strides)),
    )
  }

  /** The layout of a tensor of these sizes that a primitive likes best. */
  describeAny(dims: readonly number[]): Pointer {
    return this.make('a layout', (out) =>
      this.api.describeAny(out, dims.length, int64(dims), float32, anyTag),
    )
  }

  check(what: string, status: number): void {
    if (status === 0) return
    if (status === outOfMemory) throw new EspalierError('engine/memory', `oneDNN: no memory for ${what}`)
    const reason = status === unimplemented ? 'cannot do' : `failed (status ${status}) at`
    throw new EspalierError('engine/op', `oneDNN ${this.version} ${reason} ${what}`)
  }
}

/** Sizes and strides as oneDNN takes them. */
export const int64 = (values: readonly number[]): BigInt64Array => BigInt64Array.from(values, BigInt)

/** `dnnl_version_t` begins with three ints. */
function versionOf(api: OneDnnApi): string {
  const numbers = new Int32Array(3)
  copyBytes(new Uint8Array(numbers.buffer), api.version(), numbers.byteLength)
  return numbers.join('.')
}
