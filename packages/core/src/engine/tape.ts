import { hostCompute } from './host.js'
import { isContract } from './kernel.js'
import { share } from './share.js'
import * as tf from './tf.js'

/** A recorded operation; tfjs keeps these in its engine state but does not export the type. */
interface Node {
  readonly kernelName: string
  readonly inputs: Readonly<Record<string, tf.Tensor>>
  readonly outputs: readonly tf.Tensor[]
  saved: tf.Tensor[]
  readonly gradient?: (
    dys: (tf.Tensor | null)[],
  ) => Readonly<Record<string, (before?: tf.Tensor) => tf.Tensor>>
}

/**
 * What a computation recorded for its backward pass. tfjs's own `grads` keeps every saved tensor until the whole
 * pass is over; this walk gives each back as soon as its gradient is done, which nearly halves the peak memory of
 * a training step. Dispose the tape when done with it: whatever was not walked is given back then.
 *
 * @example
 * const { result, tape } = record(() => loss(model.forward(x), y))
 * const [dw] = tape.backward(result, [w])
 */
export class Tape implements Disposable {
  #nodes: Node[]

  constructor(nodes: readonly Node[]) {
    this.#nodes = [...nodes]
  }

  /** The gradients of the scalar `y` with respect to `wanted`; `undefined` where `y` does not depend on one. */
  backward(y: tf.Tensor, wanted: readonly tf.Tensor[]): (tf.Tensor | undefined)[] {
    const targets = new Set(wanted.map((t) => t.id))
    const reached = this.#keepReachedFrom(targets)
    const [one] = hostCompute([], [{ shape: y.shape, unset: true }], (_, [all]) => all!.fill(1))
    const gradients = new Map([[y.id, one!]])
    try {
      for (let node = this.#nodes.pop(); node; node = this.#nodes.pop()) {
        try {
          differentiate(node, gradients, reached)
        } finally {
          release(node)
        }
        for (const { id } of node.outputs) if (!targets.has(id)) drop(gradients, id)
      }
    } catch (error) {
      for (const id of gradients.keys()) drop(gradients, id)
      throw error
    }
    if (!targets.has(y.id)) drop(gradients, y.id)
    return wanted.map((t) => gradients.get(t.id))
  }

  [Symbol.dispose](): void {
    for (const node of this.#nodes) release(node)
    this.#nodes = []
  }

  /** Drops the nodes that depend on none of `sources`; returns the ids of all tensors that do. */
  #keepReachedFrom(sources: ReadonlySet<number>): ReadonlySet<number> {
    const reached = new Set(sources)
    this.#nodes = this.#nodes.filter((node) => {
      const depends = Object.values(node.inputs).some((t) => reached.has(t.id))
      if (depends) for (const output of node.outputs) reached.add(output.id)
      else release(node)
      return depends
    })
    return reached
  }
}

/** The recording side of tfjs's engine, which its types keep private. */
interface Recorder {
  readonly state: { activeTape: Node[] | null }
  /** Overridden while recording: tfjs would run an operation for each tensor it keeps, and record that. */
  saveTensorsForBackwardMode(tensors: readonly tf.Tensor[]): tf.Tensor[]
  startTape(): void
  endTape(): void
  tidy<T extends tf.TensorContainer>(name: string, f: () => T): T
}

/** Runs `f` once while recording it. Everything but the result and what the tape needs is given back. */
export function record<T extends tf.TensorContainer>(
  f: () => T,
): { readonly result: T; readonly tape: Tape } {
  const engine = tf.engine() as unknown as Recorder
  const { state } = engine
  if (state.activeTape) throw new Error('record: already recording; gradients of gradients are not supported')
  engine.startTape()
  engine.saveTensorsForBackwardMode = (tensors) => tensors.map(share)
  try {
    const result = engine.tidy('forward', f)
    const tape = new Tape(state.activeTape ?? [])
    return { result, tape }
  } catch (error) {
    for (const node of state.activeTape ?? []) release(node)
    throw error
  } finally {
    engine.endTape()
    state.activeTape = null
    Reflect.deleteProperty(engine, 'saveTensorsForBackwardMode')
  }
}

/** Adds the gradients of one node's inputs to `gradients`. */
function differentiate(node: Node, gradients: Map<number, tf.Tensor>, reached: ReadonlySet<number>): void {
  const dys = node.outputs.map((o) => gradients.get(o.id))
  if (dys.every((dy) => dy === undefined)) return
  if (!node.gradient) throw new Error(`the operation '${node.kernelName}' has no gradient`)
  const wanted = Object.keys(node.inputs).filter((name) => reached.has(node.inputs[name]!.id))
  const results = tf.tidy(() => {
    // Contracts never read the gradient of an output that has none; tfjs's own operations get zeros.
    const absent = isContract(node.kernelName) ? tf.scalar(0) : null
    const grads = node.gradient!(dys.map((dy) => dy ?? absent))
    // A gradient function may hand on the tensor it was given; each input gets one of its own.
    return wanted.map((name) => {
      const dx = grads[name]?.(gradients.get(node.inputs[name]!.id))
      if (!dx) throw new Error(`the operation '${node.kernelName}' has no gradient for its input '${name}'`)
      return dys.includes(dx) ? tf.clone(dx) : dx
    })
  })
  for (const [i, name] of wanted.entries()) accumulate(gradients, node.inputs[name]!.id, results[i]!)
}

function accumulate(gradients: Map<number, tf.Tensor>, id: number, dx: tf.Tensor): void {
  const before = gradients.get(id)
  if (!before) {
    gradients.set(id, dx)
    return
  }
  if (before === dx) return
  gradients.set(id, tf.add(before, dx))
  before.dispose()
  dx.dispose()
}

function drop(gradients: Map<number, tf.Tensor>, id: number): void {
  gradients.get(id)?.dispose()
  gradients.delete(id)
}

function release(node: Node): void {
  for (const t of node.saved) t.dispose()
  node.saved = []
}
