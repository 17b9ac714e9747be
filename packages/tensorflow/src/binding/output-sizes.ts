import { availableParallelism } from 'node:os'
import type { Call } from './execute.js'

/** Sees the numbers of a small input: sizes, paddings, counts. */
export type See = (input: number) => readonly number[]

/** How many elements the largest output of a call has, or a negative number where a size is negative. */
type Rule = (call: Call, see: See) => number

const product = (values: readonly number[]) =>
  values.some((v) => v < 0) ? -1 : values.reduce((n, v) => n * v, 1)

const shape = (call: Call, input: number) => call.inputs[input]?.shape ?? []
const size = (call: Call, input: number) => product(shape(call, input))
const attribute = <V>(call: Call, name: string) =>
  call.attributes.find((a) => a.name === name)?.value as V | undefined

/** Sizes as they broadcast; where they do not, TensorFlow says so. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  const at = (s: readonly number[], i: number) => s[i - rank + s.length] ?? 1
  return Array.from({ length: rank }, (_, i) => (at(a, i) === 1 ? at(b, i) : at(a, i)))
}

const broadcasting: Rule = (call) => product(broadcast(shape(call, 0), shape(call, 1)))
/** The sizes are an input; TensorFlow multiplies them in order, so that a 0 at the end comes too late. */
const asInput =
  (input: number): Rule =>
  (_, see) =>
    product(see(input).map((n) => (n === 0 ? 1 : n)))

const matMul: Rule = (call) => {
  const [a, b] = [shape(call, 0), shape(call, 1)]
  if (a.length < 2 || b.length < 2) return 0
  const flipped = (name: string, v2: string) => attribute(call, name) === true || attribute(call, v2) === true
  const rows = flipped('transpose_a', 'adj_x') ? a.at(-1)! : a.at(-2)!
  const columns = flipped('transpose_b', 'adj_y') ? b.at(-2)! : b.at(-1)!
  return product([...broadcast(a.slice(0, -2), b.slice(0, -2)), rows, columns])
}

const einsum: Rule = (call) => {
  const [terms, result] = (attribute<string>(call, 'equation') ?? '').split('->')
  if (result === undefined || result.includes('.')) return 0
  const sizes = new Map<string, number>()
  for (const [i, term] of terms!.split(',').entries()) {
    for (const [k, axis] of [...term].entries()) sizes.set(axis, shape(call, i)[k] ?? 1)
  }
  return product([...result].map((axis) => sizes.get(axis) ?? 1))
}

const pad: Rule = (call, see) => {
  const paddings = see(1)
  if (paddings.some((p) => p < 0)) return -1
  return product(shape(call, 0).map((n, i) => n + (paddings[2 * i] ?? 0) + (paddings[2 * i + 1] ?? 0)))
}

/** The padded input, which TensorFlow may make, or the output, whichever is larger. */
const convolution: Rule = (call) => {
  const [x, filter] = [shape(call, 0), shape(call, 1)]
  const strides = attribute<readonly number[]>(call, 'strides') ?? []
  const explicit = attribute<readonly number[]>(call, 'explicit_paddings') ?? []
  const padded = x.map(
    (n, i) => n + Math.max(0, explicit[2 * i] ?? 0) + Math.max(0, explicit[2 * i + 1] ?? 0),
  )
  const sides = padded.map((n, i) => Math.ceil(n / Math.max(1, strides[i] ?? 1))).slice(1, -1)
  const channels = call.name === 'DepthwiseConv2dNative' ? product(filter.slice(2)) : filter.at(-1)!
  return Math.max(product(padded), product([x[0]!, ...sides, channels]))
}

const range: Rule = (_, see) => {
  const [start, stop, step] = [see(0)[0]!, see(1)[0]!, see(2)[0]!]
  const count = Math.ceil((stop - start) / step)
  return Number.isFinite(count) ? Math.max(0, count) : 0
}

const gather: Rule = (call, see) => {
  const params = shape(call, 0)
  const axis = see(2)[0]!
  return product(params.filter((_, i) => i !== (axis < 0 ? axis + params.length : axis))) * size(call, 1)
}

const gatherNd: Rule = (call) => {
  const indices = shape(call, 1)
  const depth = indices.at(-1) ?? 0
  return product(indices.slice(0, -1)) * product(shape(call, 0).slice(depth))
}

const resize: Rule = (call, see) => product([shape(call, 0)[0]!, ...see(1), shape(call, 0)[3]!])

const spaceToBatch: Rule = (call, see) => {
  const paddings = see(2)
  if ([...paddings, ...see(1)].some((v) => v < 0)) return -1
  const padded = shape(call, 0).map((n, i) =>
    i === 0 ? n : n + (paddings[2 * i - 2] ?? 0) + (paddings[2 * i - 1] ?? 0),
  )
  return Math.max(product(padded), product(see(1)))
}

/** Each thread counts on its own. */
const counting: Rule = (_, see) => see(1)[0]! * (availableParallelism() + 1)

const rules: Readonly<Record<string, Rule>> = {
  AvgPool3DGrad: asInput(0),
  AvgPoolGrad: asInput(0),
  BatchMatMulV2: matMul,
  BatchToSpaceND: (call, see) => (product(see(1)) < 0 ? -1 : Math.max(size(call, 0), product(see(1)))),
  Bincount: counting,
  BroadcastTo: asInput(1),
  ConcatV2: (call) => call.inputs.slice(0, -1).reduce((n, _, i) => n + size(call, i), 0),
  Conv2D: convolution,
  Conv2DBackpropFilter: asInput(1),
  Conv2DBackpropInput: asInput(0),
  Conv3D: convolution,
  Conv3DBackpropFilterV2: asInput(1),
  Conv3DBackpropInputV2: asInput(0),
  CropAndResize: (call, see) => product([shape(call, 1)[0]!, ...see(3), shape(call, 0)[3]!]),
  DenseBincount: counting,
  // The square of a larger block overflows.
  DepthToSpace: (call) => Math.max(size(call, 0), (attribute<number>(call, 'block_size') ?? 1) ** 2),
  DepthwiseConv2dNative: convolution,
  DepthwiseConv2dNativeBackpropFilter: asInput(1),
  DepthwiseConv2dNativeBackpropInput: asInput(0),
  Diag: (call) => size(call, 0) ** 2,
  Einsum: einsum,
  Fill: asInput(0),
  GatherNd: gatherNd,
  GatherV2: gather,
  LinSpace: asInput(2),
  MatMul: matMul,
  MirrorPad: pad,
  Multinomial: (call, see) => product([shape(call, 0)[0]!, ...see(1)]),
  NonMaxSuppressionV3: asInput(2),
  NonMaxSuppressionV4: asInput(2),
  NonMaxSuppressionV5: asInput(2),
  OneHot: (call, see) => product([...shape(call, 0), ...see(1)]),
  Pack: (call) => call.inputs.reduce((n, _, i) => n + size(call, i), 0),
  Pad: pad,
  PadV2: pad,
  Range: range,
  ResizeBilinear: resize,
  ResizeNearestNeighbor: resize,
  ResizeNearestNeighborGrad: resize,
  ScatterNd: asInput(2),
  SpaceToBatchND: spaceToBatch,
  SparseToDense: asInput(1),
  Tile: (call, see) => product([...shape(call, 0), ...see(1)]),
  TopKV2: (call, see) => product([...shape(call, 0).slice(0, -1), ...see(1)]),
  UnsortedSegmentSum: (call, see) => product([...see(2), ...shape(call, 0).slice(shape(call, 1).length)]),
}

for (const name of [
  'Add',
  'AddV2',
  'Atan2',
  'Div',
  'DivNoNan',
  'Equal',
  'FloorDiv',
  'FloorMod',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
  'Maximum',
  'Minimum',
  'Mul',
  'NotEqual',
  'Pow',
  'RealDiv',
  'SquaredDifference',
  'Sub',
])
  (rules as Record<string, Rule>)[name] = broadcasting

/** How many elements the largest output of a call has, where that can be more than the inputs have. */
export function outputSize(call: Call, see: See): number | undefined {
  return rules[call.name]?.(call, see)
}
