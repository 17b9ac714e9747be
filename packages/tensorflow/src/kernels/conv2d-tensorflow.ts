import type { tf } from '@espalier/core'
import type { ConvAttrs, ConvFilterGradAttrs, ConvInputGradAttrs } from '@espalier/core/kernels'
import { type Attribute, attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import { type Native, noneEmpty } from './native-kernel.js'

/** From this many channels on, products of matrices beat TensorFlow's own filter gradient at stride 1. */
const manyChannels = 64

/**
 * The gradients of convolutions without oneDNN. The composed forms, a convolution with the mirrored filter and
 * products of matrices, are faster than TensorFlow's own at stride 1; these take over for strides, for images
 * with few channels and for depthwise filters.
 */
export function registerConv2dTensorflow(native: Native): void {
  const { backend } = native
  const { binding } = backend

  /** Runs an operation that wants the shape of its result as an input. */
  const run = (
    op: string,
    attrs: ConvAttrs,
    shape: readonly number[],
    inputs: (sizes: number) => readonly number[],
  ): tf.TensorInfo => {
    const sizes = binding.createTensor([4], dataTypes.int32, [...shape])
    try {
      return backend.wrap(native.execute(op, attributesOf(attrs), inputs(sizes))[0]!)
    } finally {
      binding.deleteTensor(sizes)
    }
  }

  native.register<{ dy: tf.Tensor4D; filter: tf.Tensor4D }, ConvInputGradAttrs>(
    'EspalierConv2dInputGrad',
    ({ dy, filter }, attrs) => {
      const { inputShape, groups } = attrs
      const op = groups === 1 ? 'Conv2DBackpropInput' : 'DepthwiseConv2dNativeBackpropInput'
      const [kh, kw, , cOut] = filter.shape
      if (groups === 1) return run(op, attrs, inputShape, (s) => [s, backend.idOf(filter), backend.idOf(dy)])
      const perChannel = native.reshape(backend.idOf(filter), [kh, kw, groups, cOut / groups])
      try {
        return run(op, attrs, inputShape, (s) => [s, perChannel.id, backend.idOf(dy)])
      } finally {
        binding.deleteTensor(perChannel.id)
      }
    },
    {
      when: (inputs, attrs) =>
        noneEmpty(inputs) &&
        isSupported(attrs, attrs.inputShape[3]) &&
        (attrs.groups > 1 || Math.max(...attrs.stride) > 1),
    },
  )

  native.register<{ x: tf.Tensor4D; dy: tf.Tensor4D }, ConvFilterGradAttrs>(
    'EspalierConv2dFilterGrad',
    ({ x, dy }, attrs) => {
      const { filterShape, groups } = attrs
      const [kh, kw, , cOut] = filterShape
      const inputs = (sizes: number) => [backend.idOf(x), sizes, backend.idOf(dy)]
      if (groups === 1) return run('Conv2DBackpropFilter', attrs, filterShape, inputs)
      const op = 'DepthwiseConv2dNativeBackpropFilter'
      const perChannel = run(op, attrs, [kh, kw, groups, cOut / groups], inputs)
      const result = native.reshape(backend.idOf(perChannel), filterShape)
      backend.disposeData(perChannel.dataId)
      return backend.wrap(result)
    },
    {
      when: (inputs, attrs) =>
        noneEmpty(inputs) &&
        isSupported(attrs, inputs.x.shape[3]) &&
        (attrs.groups > 1 || Math.max(...attrs.stride) > 1 || inputs.x.shape[3] < manyChannels),
    },
  )
}

/** Dilation, and strides that differ, are only for the forward operations; groups of several channels for none. */
function isSupported({ stride, dilation, groups }: ConvAttrs, cIn: number): boolean {
  return stride[0] === stride[1] && Math.max(...dilation) === 1 && (groups === 1 || groups === cIn)
}

function attributesOf({ stride, padding }: ConvAttrs): readonly Attribute[] {
  const [ph, pw] = padding
  return [
    attribute.type('T', dataTypes.float),
    attribute.int('strides', [1, ...stride, 1]),
    attribute.string('padding', 'EXPLICIT'),
    attribute.int('explicit_paddings', [0, 0, ph, ph, pw, pw, 0, 0]),
    attribute.string('data_format', 'NHWC'),
    attribute.int('dilations', [1, 1, 1, 1]),
  ]
}
