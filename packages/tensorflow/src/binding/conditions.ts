import type { Call } from './execute.js'
import type { See } from './output-sizes.js'

/** What is wrong with a call; nothing where it may run. */
type Condition = (call: Call, see: See) => string | undefined

const attribute = <V>(call: Call, name: string) =>
  call.attributes.find((a) => a.name === name)?.value as V | undefined

/** Indices `[…, depth]` into `target`, and updates `[…, …rest of target]`. */
function scatter(indices: readonly number[], updates: readonly number[], target: readonly number[]) {
  const depth = indices.at(-1) ?? 0
  if (indices.length < 1 || depth > target.length) {
    return `indices [${indices}] reach deeper than [${target}]`
  }
  const expected = [...indices.slice(0, -1), ...target.slice(depth)]
  return String(expected) === String(updates) ? undefined : `updates must be [${expected}], got [${updates}]`
}

/** The gradient of a mean must have the size that the windows give. */
const meanGrad: Condition = (call, see) => {
  const [kernel, strides] = [
    attribute<readonly number[]>(call, 'ksize') ?? [],
    attribute<readonly number[]>(call, 'strides') ?? [],
  ]
  const same = attribute<string>(call, 'padding') === 'SAME'
  const dy = call.inputs[1]!.shape
  const expected = see(0).map((n, i) => {
    const [k, s] = [kernel[i] ?? 0, strides[i] ?? 0]
    return k < 1 || s < 1 ? -1 : Math.ceil((same ? n : n - k + 1) / s)
  })
  return String(expected) === String(dy) && kernel.length === dy.length
    ? undefined
    : `windows [${kernel}] in steps of [${strides}] over [${see(0)}] do not give [${dy}]`
}

const shapeOf = (call: Call, input: number) => call.inputs[input]!.shape

/** What operations need that TensorFlow does not check before it is too late. */
const conditions: Readonly<Record<string, Condition>> = {
  AvgPool3DGrad: meanGrad,
  AvgPoolGrad: meanGrad,
  ScatterNd: (call, see) => scatter(shapeOf(call, 0), shapeOf(call, 1), see(2)),
  SplitV: (call) =>
    attribute(call, 'num_split') === shapeOf(call, 1)[0]
      ? undefined
      : `num_split must be ${shapeOf(call, 1)[0]}, got ${attribute(call, 'num_split')}`,
  TensorScatterUpdate: (call) => scatter(shapeOf(call, 1), shapeOf(call, 2), shapeOf(call, 0)),
  Unpack(call) {
    const shape = shapeOf(call, 0)
    const axis = attribute<number>(call, 'axis') ?? 0
    const size = shape.at(axis)
    return size === attribute(call, 'num') && axis < shape.length
      ? undefined
      : `it cannot be taken apart into ${attribute(call, 'num')} along axis ${axis}`
  },
}

/** What is wrong with a call that TensorFlow would end the process for; undefined when it may be made. */
export function conditionOf(call: Call, see: See): string | undefined {
  return conditions[call.name]?.(call, see)
}
