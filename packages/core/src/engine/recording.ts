import type { TypedArray } from '@espalier/data'
import * as tf from './tf.js'

/** A piece of work on memory that stays where it is. */
export type Work = () => void

/** The memory of work that was recorded, as an engine keeps it. */
export interface RecordedMemory extends Disposable {
  /** A tensor that recorded work may read, with the numbers of another one. */
  place(from: tf.Tensor): tf.Tensor
  /** The numbers of a tensor for everybody else. */
  copy(from: tf.Tensor): tf.Tensor
  /** Puts the numbers of a tensor into one of the same shape, in place. */
  write(to: tf.Tensor, from: tf.Tensor): void
  /** Says that nothing more is recorded: what is given back from now on is free. */
  seal(): void
  /** False once a tensor that was made elsewhere, such as a weight, is gone or lies in other memory. */
  intact(): boolean
  /** Does work again, one piece straight after the other. */
  run(works: readonly Work[]): void
}

const memories = new Map<string, () => RecordedMemory>()
/** What is being recorded into now, and what is not sealed yet. */
let active: Recording | undefined
let open: Recording | undefined

/** Tells how a backend keeps the memory of recorded work. Without this nothing is recorded on it. */
export function registerRecording(backend: string, begin: () => RecordedMemory): void {
  memories.set(backend, begin)
}

/** Thrown where repeated work comes to a decision that fell otherwise when it was recorded. */
export class Diverged extends Error {}

/**
 * What kernels do is remembered while it is done, to be done again on other numbers in the same memory, without the code
 * that led there (what CUDA calls a graph that is captured and launched). Whatever cannot be repeated ends it.
 */
export class Recording implements Disposable {
  readonly memory: RecordedMemory
  #works: Work[] = []
  #failed = false

  private constructor(begin: () => RecordedMemory) {
    this.memory = begin()
    open = this
  }

  /** Begins to record on the current engine; none where it cannot, or where another one is not sealed yet. */
  static begin(): Recording | undefined {
    const begin = memories.get(tf.engine().backendName)
    return begin && !open ? new Recording(begin) : undefined
  }

  /** Whether something could not be repeated. */
  get failed(): boolean {
    return this.#failed
  }

  /** Runs `f` and adds what it does to `works`. */
  part<T>(works: Work[], f: () => T): T {
    if (this.#failed) return f()
    this.#works = works
    active = this
    try {
      return f()
    } catch (error) {
      this.fail()
      throw error
    } finally {
      active = undefined
    }
  }

  add(work: Work): void {
    this.#works.push(work)
  }

  /** Ends it: nothing needs to be kept from here on. */
  fail(): void {
    this.#failed = true
    active = undefined
    this.seal()
  }

  /** Says that its step is over. */
  seal(): void {
    if (open !== this) return
    open = undefined
    this.memory.seal()
  }

  [Symbol.dispose](): void {
    this.seal()
    this.memory[Symbol.dispose]()
  }
}

/** True while what kernels do is recorded: results must lie in memory of the engine, for the next time. */
export function isRecording(): boolean {
  return active !== undefined
}

/** Does a piece of work, now and each time that what is recorded is repeated. It must find its numbers where they are now. */
export function repeat(work: Work): void {
  aside(work)
  active?.add(work)
}

/** Says that what is done cannot be repeated: numbers are read that steer what follows, or an operation moves memory. */
export function unrepeatable(): void {
  active?.fail()
}

/** A decision over numbers: it must fall the same way, or repeating ends. What it throws is thrown. */
export function repeatDecision<T>(
  numbers: readonly TypedArray[],
  decide: (numbers: readonly TypedArray[]) => T,
): T {
  const before = aside(() => decide(numbers))
  active?.add(() => {
    if (!Object.is(decide(numbers), before)) throw new Diverged()
  })
  return before
}

/** Work is recorded as a whole: what happens within happens again with it. */
function aside<T>(work: () => T): T {
  const recording = active
  active = undefined
  try {
    return work()
  } finally {
    active = recording
  }
}
