import { Diverged, repeat } from '@espalier/core/kernels'
import { sizeOf } from '@espalier/data'
import type { Pointer } from '../native/library.js'
import { addressAsText } from '../native/memory.js'
import { arg, query } from './constants.js'
import type { OneDnn } from './one-dnn.js'

/**
 * One execution of a primitive with its memories; their data is set before each run. It works with as many threads as
 * it was planned with.
 */
export class Step implements RatedPlan {
  /** False where oneDNN has no more than its reference form, which is slower than anybody's. */
  readonly fast: boolean
  readonly #dnn: OneDnn
  readonly #threads: number
  readonly #primitive: Pointer
  readonly #memories: readonly Pointer[]
  /** Pairs of argument and memory, as the C structure lies in memory. */
  readonly #args: BigUint64Array
  #destroyed = false

  /** `args` are what each memory is to the primitive, and its layout. */
  constructor(dnn: OneDnn, what: string, plan: Pointer, args: readonly (readonly [number, Pointer])[]) {
    const { api, engine } = dnn
    this.fast = isFast(dnn, plan)
    this.#dnn = dnn
    this.#threads = dnn.threads
    this.#primitive = dnn.make(what, (out) => api.createPrimitive(out, plan))
    this.#memories = args.map(([, layout]) =>
      dnn.make(what, (out) => api.createMemory(out, layout, engine, null)),
    )
    this.#args = BigUint64Array.from(args.flatMap(([arg], i) => [BigInt(arg), this.#memories[i]!]))
  }

  /** Runs on the data at these places, one for each argument. */
  run(...data: readonly Pointer[]): void {
    repeat(() => this.#run(data))
  }

  #run(data: readonly Pointer[]): void {
    if (this.#destroyed) throw new Diverged()
    const { api, stream } = this.#dnn
    this.#dnn.useThreads(this.#threads)
    for (let i = 0; i < data.length; i++) api.setData(this.#memories[i]!, data[i]!)
    this.#dnn.check('a step', api.execute(this.#primitive, stream, this.#memories.length, this.#args))
    api.wait(stream)
  }

  destroy(): void {
    this.#destroyed = true
    const { api } = this.#dnn
    for (const memory of this.#memories) api.destroyMemory(memory)
    api.destroyPrimitive(this.#primitive)
  }
}

/** A step to anybody else: `run` takes the places of its inputs and outputs, in the order that made it. */
export interface Plan {
  run(...places: readonly Pointer[]): void
  destroy(): void
}

/** A plan that knows whether oneDNN is quick at it. */
export interface RatedPlan extends Plan {
  readonly fast: boolean
}

/** How far apart neighbours lie along each axis where the last one is without gaps. */
export function dense(dims: readonly number[]): number[] {
  return dims.map((_, i) => sizeOf(dims.slice(i + 1)))
}

/** What {@link building} makes things in: all that is only needed while a plan is built. */
export interface Builder {
  readonly dnn: OneDnn
  layout(dims: readonly number[], strides: readonly number[], type?: number): Pointer
  anyLayout(dims: readonly number[]): Pointer
  /** What is done to each result at once (`dnnl_post_ops`), in the form of attributes. */
  followedBy(...what: readonly PostOp[]): Pointer
  /** A plan (`dnnl_primitive_desc`) by the function that makes it. */
  plan(what: string, create: (out: BigUint64Array) => number): Pointer
}

/** An operation with a second input of some layout, or on one number, whose α and β are 0 unless said. */
export type PostOp = readonly [algorithm: number, x1?: Pointer | undefined, alpha?: number, beta?: number]

/** Builds something out of layouts and plans, and gives those back. `work` is how many multiplications it will do. */
export function building<T>(dnn: OneDnn, build: (builder: Builder) => T, work = Number.POSITIVE_INFINITY): T {
  const { api } = dnn
  dnn.useThreads(dnn.threadsFor(work))
  const release: (() => void)[] = []
  const keep = (pointer: Pointer, destroy: (p: Pointer) => number) => {
    release.push(() => destroy(pointer))
    return pointer
  }
  try {
    return build({
      dnn,
      layout: (dims, strides, type) => keep(dnn.describe(dims, strides, type), api.destroyDescriptor),
      anyLayout: (dims) => keep(dnn.describeAny(dims), api.destroyDescriptor),
      followedBy(...what) {
        const postOps = keep(dnn.make('what follows', api.createPostOps), api.destroyPostOps)
        for (const [algorithm, x1, alpha = 0, beta = 0] of what) {
          const added = x1
            ? api.appendBinary(postOps, algorithm, x1)
            : api.appendEltwise(postOps, algorithm, alpha, beta)
          dnn.check('what follows', added)
        }
        const attributes = keep(dnn.make('attributes', api.createAttributes), api.destroyAttributes)
        dnn.check('attributes', api.setPostOps(attributes, postOps))
        return attributes
      },
      plan: (what, create) => keep(dnn.make(what, create), api.destroyPlan),
    })
  } finally {
    for (const destroy of release.reverse()) destroy()
  }
}

/** Whether a plan is machine code that oneDNN makes for it; its other forms are slower than anybody's. */
export function isFast(dnn: OneDnn, plan: Pointer): boolean {
  const name = dnn.make('its name', (out) => dnn.api.describePlan(plan, query.implementation, 0, out))
  return addressAsText(name).includes('jit')
}

/** The step from one layout to another; none where they are the same. */
export function reordering({ dnn, plan }: Builder, from: Pointer, to: Pointer): Step | undefined {
  const { api, engine } = dnn
  if (api.equal(from, to) === 1) return undefined
  const reorder = plan('a change of layout', (out) => api.planReorder(out, from, engine, to, engine, null))
  return new Step(dnn, 'a change of layout', reorder, [
    [arg.x, from],
    [arg.y, to],
  ])
}

/** Gives several things back. */
export function destroyAll(...things: readonly { destroy(): void }[]): void {
  for (const thing of things) thing.destroy()
}
