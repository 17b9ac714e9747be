import { EspalierError } from '@espalier/data'
import { dataTypes, elementOf } from './data-types.js'
import { type Call, describe } from './execute.js'

/**
 * What each operation takes, from TensorFlow's own definitions: the type of each input, by name or as the type
 * attribute it must agree with; `*N` is a list, `:r` the rank and `#n` the length of a vector, where another could
 * abort the process. Calls that do not fit are refused before TensorFlow sees them: it checks most of this, but
 * not always in time.
 */
const table: Readonly<Record<string, string>> = {
  '': 'VarHandleOp',
  T: `Abs Acos Acosh Asin Asinh Atan Atanh Ceil ComplexAbs Cos Cosh DepthToSpace Diag Elu EncodePng Erf Exp
    Expm1 Floor Identity Imag IsFinite IsInf IsNan LRN LeakyRelu Log Log1p Neg OnesLike Real Reciprocal Relu
    Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softmax Softplus Sqrt Square Tan Tanh Unpack Where ZerosLike`,
  'T T': `Add AddV2 Atan2 BatchMatMulV2 BroadcastArgs Complex Div DivNoNan EluGrad Equal FloorDiv FloorMod
    Greater GreaterEqual LeakyReluGrad Less LessEqual MatMul Maximum Minimum Mul NotEqual Pow RealDiv Relu6Grad
    ReluGrad SquaredDifference Sub`,
  'T T T': 'LRNGrad',
  'T:4': 'AvgPool MaxPool MaxPoolWithArgmax',
  'T:5': 'AvgPool3D MaxPool3D',
  'T:4 T:4': 'Conv2D DepthwiseConv2dNative',
  'T:5 T:5': 'Conv3D',
  'T:4 T:4 T:4': 'MaxPoolGrad',
  'T:4 T:4 Targmax:4': 'MaxPoolGradWithArgmax',
  'TInput:5 TInput:5 T:5': 'MaxPool3DGrad',
  'int32#4 T:4': 'AvgPoolGrad',
  'int32#5 T:5': 'AvgPool3DGrad',
  'int32#4 T:4 T:4': 'Conv2DBackpropInput DepthwiseConv2dNativeBackpropInput',
  'T:4 int32#4 T:4': 'Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter',
  'Tshape#5 T:5 T:5': 'Conv3DBackpropInputV2',
  'T:5 int32#5 T:5': 'Conv3DBackpropFilterV2',
  'T:4 T:3': 'Dilation2D',
  'T:4 T:3 T:4': 'Dilation2DBackpropFilter Dilation2DBackpropInput',
  'T U U U U': 'FusedBatchNormV3',
  'T T float U U U': 'FusedBatchNormGradV3',
  'T*N': 'AddN Einsum Pack',
  'T*N Tidx': 'ConcatV2',
  'T Tidx': 'ArgMax ArgMin Cumprod Cumsum Max Mean Min Prod ReverseV2 Sum',
  'T Tidx:1': 'BroadcastTo',
  'bool Tidx': 'All Any',
  bool: 'LogicalNot',
  'bool bool': 'LogicalAnd LogicalOr',
  'bool T T': 'Select',
  SrcT: 'Cast',
  Tcomplex: 'FFT IFFT',
  string: 'DecodeBmp DecodeGif DecodeJpeg DecodePng StaticRegexReplace',
  uint8: 'EncodeJpeg',
  'T Tshape:1': 'Reshape',
  'T Tdim': 'ExpandDims',
  'T Tperm:1': 'Transpose',
  'T Tmultiples:1': 'Tile',
  'T Tpaddings:2': 'MirrorPad Pad',
  'T Tpaddings:2 T:0': 'PadV2',
  'T Index:1 Index:1': 'Slice',
  'T Index:1 Index:1 Index:1': 'StridedSlice',
  'T Tblock_shape:1 Tpaddings:2': 'SpaceToBatchND',
  'T Tblock_shape:1 Tcrops:2': 'BatchToSpaceND',
  'T Tlen:1 int32:0': 'SplitV',
  'T Taxis': 'UniqueV2',
  'T Tk:0': 'TopKV2',
  'T:2 int32:0': 'Multinomial',
  'T:4 int32#2': 'ResizeBilinear ResizeNearestNeighbor ResizeNearestNeighborGrad',
  'float:4 T:4': 'ResizeBilinearGrad',
  'T:4 float:2 int32:1 int32#2': 'CropAndResize',
  'T:2 T:1 int32:0 T_threshold:0 T_threshold:0': 'NonMaxSuppressionV3 NonMaxSuppressionV4',
  'T:2 T:1 int32:0 T:0 T:0 T:0': 'NonMaxSuppressionV5',
  'T Tlabels': 'SparseSoftmaxCrossEntropyWithLogits',
  'index_type:1 T:0': 'Fill',
  'Tidx:0 Tidx:0 Tidx:0': 'Range',
  'T:0 T:0 Tidx:0': 'LinSpace',
  'TI int32:0 T:0 T:0': 'OneHot',
  'int32 int32:0 T': 'Bincount',
  'Tidx Tidx:0 T': 'DenseBincount',
  'Tparams Tindices': 'GatherNd',
  'Tparams Tindices Taxis:0': 'GatherV2',
  'Tindices T Tindices:1': 'ScatterNd',
  'Tindices Tindices T T:0': 'SparseToDense',
  'T Tindices T': 'TensorScatterUpdate',
  'T Tindices Tnumsegments:0': 'UnsortedSegmentSum',
  resource: 'DestroyResourceOp ReadVariableOp',
  'resource dtype': 'AssignVariableOp',
  'resource T T': 'ResourceApplyGradientDescent',
  'resource resource T T T': 'ResourceApplyMomentum',
  'resource resource resource T T T T T T T': 'ResourceApplyAdam',
}

interface Parameter {
  /** Name of the type attribute; none where the type is fixed. */
  readonly attribute?: string
  readonly dtype?: number
  readonly list: boolean
  readonly rank?: number
  readonly length?: number
}

const signatures = new Map<string, readonly Parameter[]>(
  Object.entries(table).flatMap(([inputs, names]) => {
    const parameters = inputs === '' ? [] : inputs.split(' ').map(parse)
    return names.split(/\s+/).map((name) => [name, parameters] as const)
  }),
)

function parse(text: string): Parameter {
  const [, type, list, rank, length] = /^(\w+?)(\*N)?(?::(\d))?(?:#(\d))?$/.exec(text)!
  const dtype = (dataTypes as Readonly<Record<string, number>>)[type!]
  return {
    ...(dtype === undefined ? { attribute: type! } : { dtype }),
    list: list !== undefined,
    ...(rank !== undefined && { rank: Number(rank) }),
    ...(length !== undefined && { rank: 1, length: Number(length) }),
  }
}

/** Throws unless an operation is one the engine knows, with as many inputs of such types and ranks as it takes. */
export function checkSignature(call: Call): void {
  const { name, inputs, attributes } = call
  const parameters = signatures.get(name)
  if (!parameters) refuse(call, 'the engine does not know this operation')
  const listed = inputs.length - parameters.filter((p) => !p.list).length
  const hasList = parameters.some((p) => p.list)
  if (hasList ? listed < 1 : listed !== 0) {
    refuse(call, `it takes ${parameters.length} inputs, got ${inputs.length}`)
  }
  if (hasList && attributes.some((a) => a.name === 'N' && a.value !== listed)) {
    refuse(call, `the attribute N does not agree with a list of ${listed}`)
  }
  const types = new Map<string, number>()
  for (const a of attributes) if (typeof a.value === 'number') types.set(a.name, a.value)
  let next = 0
  for (const { attribute, dtype, list, rank, length } of parameters) {
    for (let n = list ? listed : 1; n > 0; n--) {
      const input = inputs[next++]!
      const wanted = dtype ?? types.get(attribute!) ?? input.dtype
      if (attribute !== undefined) types.set(attribute, wanted)
      if (input.dtype !== wanted) {
        refuse(call, `input ${next} must be ${elementOf(wanted).name}, got ${elementOf(input.dtype).name}`)
      }
      if (rank !== undefined && input.shape.length !== rank) {
        refuse(call, `input ${next} must have rank ${rank}, got [${input.shape}]`)
      }
      if (length !== undefined && input.shape[0] !== length) {
        refuse(call, `input ${next} must have ${length} elements, got ${input.shape[0]}`)
      }
    }
  }
}

function refuse(call: Call, reason: string): never {
  throw new EspalierError('engine/call', `${describe(call)}: ${reason}`)
}
