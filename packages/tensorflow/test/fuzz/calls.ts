import { Random } from '@espalier/data'
import { type Attribute, attribute } from '../../src/binding/attributes.js'
import { dataTypes } from '../../src/binding/data-types.js'

/** A tensor of a call: of ones, unless it says otherwise. */
export interface Argument {
  readonly dtype: number
  readonly shape: readonly number[]
  readonly values?: readonly number[]
}

/** An operation as a kernel would ask for it. */
export interface HostileCall {
  readonly name: string
  readonly attributes: readonly Attribute[]
  readonly inputs: readonly Argument[]
  readonly outputs: number
}

const { float, int32, bool, int64, string, complex64 } = dataTypes
const f = (...shape: number[]): Argument => ({ dtype: float, shape })
const i = (...values: number[]): Argument => ({ dtype: int32, shape: [values.length], values })
const one = (value: number, dtype: number = int32): Argument => ({ dtype, shape: [], values: [value] })
const T = attribute.type('T', float)
const t32 = (name: string) => attribute.type(name, int32)
const format = attribute.string('data_format', 'NHWC')
const conv = (stride: number): Attribute[] => [
  T,
  attribute.int('strides', [1, stride, stride, 1]),
  attribute.string('padding', 'EXPLICIT'),
  attribute.int('explicit_paddings', [0, 0, 1, 1, 1, 1, 0, 0]),
  format,
  attribute.int('dilations', [1, 1, 1, 1]),
]
const pool = [
  T,
  attribute.int('ksize', [1, 2, 2, 1]),
  attribute.int('strides', [1, 2, 2, 1]),
  attribute.string('padding', 'VALID'),
  format,
]
const pool3d = [
  T,
  attribute.int('ksize', [1, 2, 2, 2, 1]),
  attribute.int('strides', [1, 2, 2, 2, 1]),
  attribute.string('padding', 'VALID'),
  attribute.string('data_format', 'NDHWC'),
]
const conv3d = [
  T,
  attribute.int('strides', [1, 1, 1, 1, 1]),
  attribute.string('padding', 'SAME'),
  attribute.string('data_format', 'NDHWC'),
  attribute.int('dilations', [1, 1, 1, 1, 1]),
]
const reduce = [attribute.bool('keep_dims', false), T, t32('Tidx')]
const resize = [T, attribute.bool('align_corners', false), attribute.bool('half_pixel_centers', false)]
const dilation = [
  T,
  attribute.int('strides', [1, 1, 1, 1]),
  attribute.int('rates', [1, 1, 1, 1]),
  attribute.string('padding', 'SAME'),
]
const slice = [
  T,
  t32('Index'),
  attribute.int('begin_mask', 0),
  attribute.int('end_mask', 0),
  attribute.int('ellipsis_mask', 0),
  attribute.int('new_axis_mask', 0),
  attribute.int('shrink_axis_mask', 0),
]
const norm = [
  T,
  attribute.type('U', float),
  attribute.float('epsilon', 1e-5),
  format,
  attribute.bool('is_training', true),
]
const lrn = [
  T,
  attribute.int('depth_radius', 2),
  attribute.float('bias', 1),
  attribute.float('alpha', 1),
  attribute.float('beta', 0.5),
]

type Template = readonly [
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly Argument[],
  outputs?: number,
]

/** Correct calls of what tfjs's kernels and ours use, one or more of each shape of operation. */
export const templates: readonly Template[] = [
  ['Abs', [T], [f(2, 3)]],
  ['Softmax', [T], [f(2, 3)]],
  ['LeakyRelu', [T, attribute.float('alpha', 0.2)], [f(2, 3)]],
  [
    'Cast',
    [attribute.type('SrcT', float), attribute.type('DstT', int32), attribute.bool('Truncate', false)],
    [f(2)],
  ],
  ['Add', [T], [f(4, 1), f(1, 5)]],
  ['AddV2', [T], [f(4, 1), f(1, 5)]],
  ['Mul', [T], [f(4, 1), f(5)]],
  ['RealDiv', [T], [f(4, 1), f(5)]],
  ['FloorDiv', [t32('T')], [i(4, 2), i(1, 2)]],
  ['FloorMod', [t32('T')], [i(4, 2), i(1, 2)]],
  ['Pow', [T], [f(4, 1), f(5)]],
  ['Maximum', [T], [f(4, 1), f(5)]],
  ['SquaredDifference', [T], [f(4, 1), f(5)]],
  ['Equal', [T], [f(4, 1), f(5)]],
  ['Less', [T], [f(4, 1), f(5)]],
  [
    'LogicalAnd',
    [],
    [
      { dtype: bool, shape: [4, 1] },
      { dtype: bool, shape: [5] },
    ],
  ],
  ['Select', [T], [{ dtype: bool, shape: [4] }, f(4, 2), f(4, 2)]],
  ['AddN', [T, attribute.int('N', 2)], [f(3), f(3)]],
  [
    'MatMul',
    [T, attribute.bool('transpose_a', false), attribute.bool('transpose_b', false)],
    [f(2, 3), f(3, 4)],
  ],
  [
    'BatchMatMulV2',
    [T, attribute.bool('adj_x', false), attribute.bool('adj_y', false)],
    [f(2, 2, 3), f(2, 3, 4)],
  ],
  ['Einsum', [T, attribute.int('N', 2), attribute.string('equation', 'ab,bc->ac')], [f(2, 3), f(3, 4)]],
  ['Sum', reduce, [f(2, 3), i(1)]],
  ['Mean', reduce, [f(2, 3), i(1)]],
  ['Max', reduce, [f(2, 3), i(1)]],
  ['Prod', reduce, [f(2, 3), i(1)]],
  ['All', [attribute.bool('keep_dims', false), t32('Tidx')], [{ dtype: bool, shape: [2, 3] }, i(1)]],
  ['ArgMax', [T, t32('Tidx'), attribute.type('output_type', int32)], [f(2, 3), one(1)]],
  [
    'Cumsum',
    [attribute.bool('exclusive', false), attribute.bool('reverse', false), T, t32('Tidx')],
    [f(2, 3), one(1)],
  ],
  ['Reshape', [T, t32('Tshape')], [f(2, 3), i(3, 2)]],
  ['ExpandDims', [T, t32('Tdim')], [f(2, 3), one(1)]],
  ['Transpose', [T, t32('Tperm')], [f(2, 3), i(1, 0)]],
  ['ReverseV2', [T, t32('Tidx')], [f(2, 3), i(1)]],
  ['Tile', [T, t32('Tmultiples')], [f(2, 3), i(2, 2)]],
  ['BroadcastTo', [T, t32('Tidx')], [f(1, 3), i(4, 3)]],
  ['BroadcastArgs', [t32('T')], [i(1, 3), i(4, 3)]],
  ['Fill', [T, t32('index_type')], [i(2, 3), one(1, float)]],
  ['OnesLike', [T], [f(2, 3)]],
  ['Range', [t32('Tidx')], [one(0), one(10), one(2)]],
  ['Range', [attribute.type('Tidx', float)], [one(0, float), one(10, float), one(2, float)]],
  ['LinSpace', [T, t32('Tidx')], [one(0, float), one(1, float), one(5)]],
  ['OneHot', [attribute.int('axis', -1), T, t32('TI')], [i(0, 1, 2), one(4), one(1, float), one(0, float)]],
  ['Diag', [T], [f(3)]],
  ['Pad', [T, t32('Tpaddings')], [f(2), { dtype: int32, shape: [1, 2], values: [1, 1] }]],
  ['PadV2', [T, t32('Tpaddings')], [f(2), { dtype: int32, shape: [1, 2], values: [1, 1] }, one(0, float)]],
  [
    'MirrorPad',
    [T, t32('Tpaddings'), attribute.string('mode', 'REFLECT')],
    [f(4), { dtype: int32, shape: [1, 2], values: [1, 1] }],
  ],
  ['Slice', [T, t32('Index')], [f(4, 4), i(1, 1), i(2, 2)]],
  ['StridedSlice', slice, [f(4, 4), i(0, 0), i(4, 4), i(2, 1)]],
  ['ConcatV2', [attribute.int('N', 2), t32('Tidx'), T], [f(2, 3), f(2, 4), one(1)]],
  ['Pack', [attribute.int('N', 2), attribute.int('axis', 0), T], [f(2), f(2)]],
  ['Unpack', [attribute.int('num', 2), attribute.int('axis', 0), T], [f(2, 3)], 2],
  ['SplitV', [attribute.int('num_split', 2), T, attribute.type('Tlen', int32)], [f(4), i(1, 3), one(0)], 2],
  [
    'GatherV2',
    [attribute.type('Tparams', float), t32('Tindices'), t32('Taxis'), attribute.int('batch_dims', 0)],
    [f(4, 3), i(0, 2), one(0)],
  ],
  [
    'GatherNd',
    [attribute.type('Tparams', float), t32('Tindices')],
    [f(4, 3), { dtype: int32, shape: [2, 1], values: [0, 2] }],
  ],
  ['ScatterNd', [T, t32('Tindices')], [{ dtype: int32, shape: [2, 1], values: [0, 2] }, f(2), i(4)]],
  [
    'TensorScatterUpdate',
    [T, t32('Tindices')],
    [f(4), { dtype: int32, shape: [2, 1], values: [0, 2] }, f(2)],
  ],
  [
    'SparseToDense',
    [attribute.bool('validate_indices', true), T, t32('Tindices')],
    [{ dtype: int32, shape: [2, 1], values: [0, 2] }, i(4), f(2), one(0, float)],
  ],
  ['UnsortedSegmentSum', [T, t32('Tindices'), t32('Tnumsegments')], [f(3, 2), i(0, 1, 0), one(2)]],
  ['Bincount', [T], [i(0, 1, 1), one(3), f(0)]],
  ['DenseBincount', [T, t32('Tidx'), attribute.bool('binary_output', false)], [i(0, 1, 1), one(3), f(0)]],
  ['TopKV2', [attribute.bool('sorted', true), T], [f(2, 5), one(2)], 2],
  ['Where', [T], [f(2, 3)]],
  ['UniqueV2', [T, t32('Taxis'), attribute.type('out_idx', int32)], [f(4), i(0)], 2],
  [
    'Multinomial',
    [T, attribute.type('output_dtype', int64), attribute.int('seed', 1), attribute.int('seed2', 2)],
    [f(2, 3), one(4)],
  ],
  [
    'SpaceToBatchND',
    [T, t32('Tblock_shape'), t32('Tpaddings')],
    [f(1, 4, 1), i(2), { dtype: int32, shape: [1, 2], values: [0, 0] }],
  ],
  [
    'BatchToSpaceND',
    [T, t32('Tblock_shape'), t32('Tcrops')],
    [f(2, 2, 1), i(2), { dtype: int32, shape: [1, 2], values: [0, 0] }],
  ],
  ['DepthToSpace', [T, attribute.int('block_size', 2), format], [f(1, 2, 2, 4)]],
  ['Conv2D', conv(1), [f(1, 5, 5, 2), f(3, 3, 2, 4)]],
  ['Conv2D', conv(2), [f(1, 5, 5, 2), f(3, 3, 2, 4)]],
  ['Conv2DBackpropInput', conv(1), [i(1, 5, 5, 2), f(3, 3, 2, 4), f(1, 5, 5, 4)]],
  ['Conv2DBackpropFilter', conv(1), [f(1, 5, 5, 2), i(3, 3, 2, 4), f(1, 5, 5, 4)]],
  ['DepthwiseConv2dNative', conv(1), [f(1, 5, 5, 2), f(3, 3, 2, 1)]],
  ['DepthwiseConv2dNativeBackpropInput', conv(1), [i(1, 5, 5, 2), f(3, 3, 2, 1), f(1, 5, 5, 2)]],
  ['DepthwiseConv2dNativeBackpropFilter', conv(1), [f(1, 5, 5, 2), i(3, 3, 2, 1), f(1, 5, 5, 2)]],
  ['Conv3D', conv3d, [f(1, 3, 3, 3, 2), f(2, 2, 2, 2, 3)]],
  [
    'Conv3DBackpropInputV2',
    [...conv3d, t32('Tshape')],
    [i(1, 3, 3, 3, 2), f(2, 2, 2, 2, 3), f(1, 3, 3, 3, 3)],
  ],
  ['Conv3DBackpropFilterV2', conv3d, [f(1, 3, 3, 3, 2), i(2, 2, 2, 2, 3), f(1, 3, 3, 3, 3)]],
  ['MaxPool', pool, [f(1, 4, 4, 2)]],
  ['MaxPoolGrad', pool, [f(1, 4, 4, 2), f(1, 2, 2, 2), f(1, 2, 2, 2)]],
  ['AvgPool', pool, [f(1, 4, 4, 2)]],
  ['AvgPoolGrad', pool, [i(1, 4, 4, 2), f(1, 2, 2, 2)]],
  ['MaxPool3D', pool3d, [f(1, 4, 4, 4, 2)]],
  [
    'MaxPool3DGrad',
    [...pool3d, attribute.type('TInput', float)],
    [f(1, 4, 4, 4, 2), f(1, 2, 2, 2, 2), f(1, 2, 2, 2, 2)],
  ],
  ['AvgPool3D', pool3d, [f(1, 4, 4, 4, 2)]],
  ['AvgPool3DGrad', pool3d, [i(1, 4, 4, 4, 2), f(1, 2, 2, 2, 2)]],
  ['LRN', lrn, [f(1, 2, 2, 3)]],
  ['LRNGrad', lrn, [f(1, 2, 2, 3), f(1, 2, 2, 3), f(1, 2, 2, 3)]],
  ['Dilation2D', dilation, [f(1, 4, 4, 2), f(2, 2, 2)]],
  ['Dilation2DBackpropInput', dilation, [f(1, 4, 4, 2), f(2, 2, 2), f(1, 4, 4, 2)]],
  ['Dilation2DBackpropFilter', dilation, [f(1, 4, 4, 2), f(2, 2, 2), f(1, 4, 4, 2)]],
  ['ResizeBilinear', resize, [f(1, 3, 3, 2), i(6, 6)]],
  ['ResizeNearestNeighbor', resize, [f(1, 3, 3, 2), i(6, 6)]],
  ['ResizeBilinearGrad', resize, [f(1, 6, 6, 2), f(1, 3, 3, 2)]],
  ['ResizeNearestNeighborGrad', resize, [f(1, 6, 6, 2), i(3, 3)]],
  [
    'CropAndResize',
    [T, attribute.string('method', 'bilinear'), attribute.float('extrapolation_value', 0)],
    [f(1, 4, 4, 2), f(1, 4), i(0), i(2, 2)],
  ],
  ['NonMaxSuppressionV3', [], [f(3, 4), f(3), one(2), one(0.5, float), one(0.1, float)]],
  [
    'NonMaxSuppressionV4',
    [T, attribute.type('T_threshold', float), attribute.bool('pad_to_max_output_size', true)],
    [f(3, 4), f(3), one(2), one(0.5, float), one(0.1, float)],
    2,
  ],
  [
    'NonMaxSuppressionV5',
    [T, attribute.bool('pad_to_max_output_size', true)],
    [f(3, 4), f(3), one(2), one(0.5, float), one(0.1, float), one(0, float)],
    3,
  ],
  ['FusedBatchNormV3', norm, [f(2, 2, 2, 3), f(3), f(3), f(0), f(0)], 6],
  ['FusedBatchNormGradV3', norm, [f(2, 2, 2, 3), f(2, 2, 2, 3), f(3), f(3), f(3), f(0)], 5],
  ['SparseSoftmaxCrossEntropyWithLogits', [T, t32('Tlabels')], [f(2, 3), i(0, 2)], 2],
  ['ReluGrad', [T], [f(2, 3), f(2, 3)]],
  ['Relu6Grad', [T], [f(2, 3), f(2, 3)]],
  ['EluGrad', [T], [f(2, 3), f(2, 3)]],
  ['Complex', [T, attribute.type('Tout', complex64)], [f(2), f(2)]],
  ['FFT', [attribute.type('Tcomplex', complex64)], [{ dtype: complex64, shape: [4] }]],
  [
    'StaticRegexReplace',
    [
      attribute.string('pattern', 'a'),
      attribute.string('rewrite', 'b'),
      attribute.bool('replace_global', true),
    ],
    [{ dtype: string, shape: [2] }],
  ],
]

const numbers = [-(2 ** 31), -2, -1, 0, 1, 2, 3, 7, 65_536, 2 ** 30, 2 ** 31 - 1]
const sizes = [0, 1, 2, 3, 5, 65_536]
const dtypes = Object.values(dataTypes).filter((d) => d !== dataTypes.resource)

/** The `index`-th of endlessly many calls that are wrong, or nearly, in one to three ways. */
export function hostileCall(seed: number, index: number): HostileCall {
  const random = new Random(seed, 'hostile calls', index)
  const pick = <V>(values: readonly V[]): V => values[random.int(values.length)]!
  const [name, attributes, inputs, outputs = 1] = pick(templates)
  let call: HostileCall = { name, attributes, inputs, outputs }
  for (let n = 1 + random.int(3); n > 0; n--) call = mutate(call, random, pick)
  return call
}

function mutate(call: HostileCall, random: Random, pick: <V>(values: readonly V[]) => V): HostileCall {
  const { attributes, inputs } = call
  const at = random.int(Math.max(1, inputs.length))
  const changed = (input: Argument) => ({ ...call, inputs: inputs.map((old, k) => (k === at ? input : old)) })
  const input = inputs[at]
  switch (random.int(8)) {
    case 0:
    case 1: {
      // A size, an axis or a label that cannot be.
      const few = inputs.flatMap(({ values }, k) => (values ? [k] : []))
      if (few.length === 0) return call
      const k = pick(few)
      const values = [...inputs[k]!.values!]
      for (let n = 1 + random.int(2); n > 0 && values.length > 0; n--) {
        values[random.int(values.length)] = pick(numbers)
      }
      return { ...call, inputs: inputs.map((old, m) => (m === k ? { ...old, values } : old)) }
    }
    case 2: {
      if (!input) return call
      const { values: _, ...rest } = input
      const shape = [...input.shape]
      if (shape.length > 0) shape[random.int(shape.length)] = pick(sizes)
      return shape.reduce((n, d) => n * d, 1) > 2 ** 22 ? call : changed({ ...rest, shape })
    }
    case 3: {
      // Another rank.
      if (!input) return call
      const { values: _, ...rest } = input
      const shape = random.int(2) ? [...input.shape, 1] : input.shape.slice(1)
      return changed({ ...rest, shape })
    }
    case 4:
      return input ? changed({ dtype: pick(dtypes), shape: input.shape }) : call
    case 5: {
      const k = random.int(Math.max(1, attributes.length))
      return {
        ...call,
        attributes: attributes.map((a, m) => (m === k ? hostileAttribute(a, random, pick) : a)),
      }
    }
    case 6:
      return random.int(2)
        ? { ...call, inputs: inputs.slice(1) }
        : { ...call, inputs: [...inputs, ...inputs.slice(0, 1)] }
    default:
      return random.int(2)
        ? { ...call, attributes: attributes.slice(1) }
        : { ...call, outputs: pick([0, 1, 2, 9]) }
  }
}

function hostileAttribute(a: Attribute, random: Random, pick: <V>(values: readonly V[]) => V): Attribute {
  const { value } = a
  if (Array.isArray(value)) {
    const values = [...value]
    if (values.length > 0) values[random.int(values.length)] = pick(numbers)
    return { ...a, value: random.int(4) ? values : values.slice(1) }
  }
  if (typeof value === 'string')
    return { ...a, value: pick(['', 'SAME', 'VALID', 'EXPLICIT', 'NCHW', 'ab->ba', 'ab,bc', '(', '→']) }
  if (typeof value === 'boolean') return { ...a, value: !value }
  return { ...a, value: a.name.startsWith('T') ? pick(dtypes) : pick(numbers) }
}
