import type { tf } from '@espalier/core'
import { isRecording } from '@espalier/core/kernels'
import { sizeOf } from '@espalier/data'
import { dataTypes } from '../binding/data-types.js'
import { type BinaryKind, planBinary } from '../onednn/binary.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import type { Step } from '../onednn/plan.js'
import { PlanCache } from '../onednn/plan-cache.js'
import { few } from './host-access.js'
import type { Native } from './native-kernel.js'
import { shorter } from './shorter.js'

/** What tfjs calls the operations, whether their inputs may change places, and how one pair of numbers is done. */
const operations: readonly (readonly [string, BinaryKind, boolean, (a: number, b: number) => number])[] = [
  ['Add', 'add', true, (a, b) => a + b],
  ['Sub', 'subtract', false, (a, b) => a - b],
  ['Multiply', 'multiply', true, (a, b) => a * b],
  ['RealDiv', 'divide', false, (a, b) => a / b],
]

const most = 6
const remembered = 1024

/**
 * Sums, differences, products and quotients of floats by oneDNN, which takes a third of TensorFlow's time for them, and
 * a tenth for small ones. A shape is planned when it comes a second time: sequences have many lengths. A few that
 * nothing but plain TypeScript has touched stay there.
 */
export function registerBinary(native: Native, dnn: OneDnn): void {
  const plans = new PlanCache<Step>()
  const seen = new Set<string>()

  const planFor = (kind: BinaryKind, x: readonly number[], y: readonly number[]) => {
    const key = `${kind} ${x} ${y}`
    if (!seen.has(key) && !isRecording()) {
      if (seen.size === remembered) seen.clear()
      seen.add(key)
      return undefined
    }
    const plan = plans.get(key, () => planBinary(dnn, kind, x, y))
    return plan.fast ? plan : undefined
  }

  for (const [kernelName, kind, commutes, ofPair] of operations) {
    shorter(kernelName, ({ a, b }) => {
      if (a!.dtype !== 'float32' || b!.dtype !== 'float32') return undefined
      const swapped = commutes && sizeOf(b!.shape) > sizeOf(a!.shape)
      const [x, y] = swapped ? [b!, a!] : [a!, b!]
      const held = !isRecording() && heldOp(native, x, y, ofPair)
      if (held) return held
      const rank = x.shape.length
      if (rank > most || !spreads(x.shape, y.shape)) return undefined
      const same = sizeOf(x.shape) === sizeOf(y.shape)
      const [xs, ys] = same
        ? [[sizeOf(x.shape)], [sizeOf(x.shape)]]
        : [x.shape, [...new Array<number>(rank - y.shape.length).fill(1), ...y.shape]]
      const plan = planFor(kind, xs, ys)
      if (!plan) return undefined
      const result = native.fresh(x.shape)
      plan.run(native.at(x), native.at(y), result.at)
      return result.tensor
    })
  }
}

/** Whether the result has the shape of `x`, and there is one. */
function spreads(x: readonly number[], y: readonly number[]): boolean {
  const offset = x.length - y.length
  return offset >= 0 && x.length > 0 && !x.includes(0) && y.every((d, i) => d === 1 || d === x[offset + i])
}

/** The result for numbers that TensorFlow has not seen: of the same shape, or with one number for all. */
function heldOp(
  { backend }: Native,
  x: tf.TensorInfo,
  y: tf.TensorInfo,
  ofPair: (a: number, b: number) => number,
): tf.TensorInfo | undefined {
  const [a, b] = [backend.entryOf(x).values, backend.entryOf(y).values] as (Float32Array | null)[]
  if (!a || !b || !(a instanceof Float32Array) || !(b instanceof Float32Array)) return undefined
  if (a.length > few) return undefined
  const single = b.length === 1 && y.shape.length <= x.shape.length
  if (!single && String(x.shape) !== String(y.shape)) return undefined
  const result = new Float32Array(a.length)
  for (let i = 0; i < a.length; i++) result[i] = ofPair(a[i]!, single ? b[0]! : b[i]!)
  return backend.hold(x.shape, dataTypes.float, result)
}
