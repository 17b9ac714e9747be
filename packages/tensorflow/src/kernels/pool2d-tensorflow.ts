import type { tf } from '@espalier/core'
import type { PoolAttrs } from '@espalier/core/kernels'
import { type Attribute, attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import { type Native, noneEmpty } from './native-kernel.js'
import { isPlainMean, pooledShape } from './pool2d.js'

const T = attribute.type('T', dataTypes.float)
const int32 = (name: string) => attribute.type(name, dataTypes.int32)
const index = attribute.type('Targmax', dataTypes.int64)
const lowest = -3.4028234663852886e38

/**
 * Pooling without oneDNN. TensorFlow pads one side more than the other: the image is padded first. Where each
 * maximum came from is its place in the padded image, as a 64-bit integer.
 */
export function registerPool2dTensorflow(native: Native): void {
  const { backend } = native
  const { binding } = backend

  /** The image with its padding, of the given value, and what gives it back. */
  const padded = (x: number, attrs: PoolAttrs, value: number): readonly [id: number, done: () => void] => {
    const paddings = paddingsOf(attrs)
    if (paddings.every((p) => p === 0)) return [x, () => {}]
    const amounts = binding.createTensor([4, 2], dataTypes.int32, paddings)
    const fill = binding.createTensor([], dataTypes.float, [value])
    try {
      const { id } = native.execute('PadV2', [T, int32('Tpaddings')], [x, amounts, fill])[0]!
      return [id, () => binding.deleteTensor(id)]
    } finally {
      binding.deleteTensor(amounts)
      binding.deleteTensor(fill)
    }
  }

  /** Takes the padding off a gradient. */
  const cropped = (dx: number, attrs: PoolAttrs): tf.TensorInfo => {
    const { inputShape, padding } = attrs
    const begin = binding.createTensor([4], dataTypes.int32, [0, ...padding, 0])
    const size = binding.createTensor([4], dataTypes.int32, [...inputShape])
    try {
      return backend.wrap(native.execute('Slice', [T, int32('Index')], [dx, begin, size])[0]!)
    } finally {
      for (const id of [dx, begin, size]) binding.deleteTensor(id)
    }
  }

  native.register<{ x: tf.Tensor4D }, PoolAttrs>(
    'EspalierMaxPool2d',
    ({ x }, attrs) => {
      const [image, done] = padded(backend.idOf(x), attrs, lowest)
      try {
        const attributes = [...attributesOf(attrs), index, attribute.bool('include_batch_in_index', false)]
        return native.execute('MaxPoolWithArgmax', attributes, [image], 2).map((t) => backend.wrap(t))
      } finally {
        done()
      }
    },
    { when: (inputs, { outputSize }) => !outputSize && noneEmpty(inputs) },
  )

  native.register<{ dy: tf.Tensor; from: tf.Tensor }, PoolAttrs>(
    'EspalierMaxPool2dGrad',
    ({ dy, from }, attrs) => {
      // Only the shape of the image is looked at.
      const image = binding.allocateTensor(paddedShape(attrs), dataTypes.float)
      try {
        const attributes = [...attributesOf(attrs), index, attribute.bool('include_batch_in_index', false)]
        const ids = [image, backend.idOf(dy), backend.idOf(from)]
        return cropped(native.execute('MaxPoolGradWithArgmax', attributes, ids)[0]!.id, attrs)
      } finally {
        binding.deleteTensor(image)
      }
    },
    // The composed form gives places as 32-bit integers.
    {
      integers: ['from'],
      when: (inputs) => backend.entryOf(inputs.from).dtype === dataTypes.int64 && noneEmpty(inputs),
    },
  )

  native.register<{ x: tf.Tensor4D }, PoolAttrs>(
    'EspalierAvgPool2d',
    ({ x }, attrs) => {
      const [image, done] = padded(backend.idOf(x), attrs, 0)
      try {
        return backend.wrap(native.execute('AvgPool', attributesOf(attrs), [image])[0]!)
      } finally {
        done()
      }
    },
    { when: (inputs, attrs) => isPlainMean(attrs) && noneEmpty(inputs) },
  )

  native.register<{ dy: tf.Tensor }, PoolAttrs>(
    'EspalierAvgPool2dGrad',
    ({ dy }, attrs) => {
      const shape = binding.createTensor([4], dataTypes.int32, paddedShape(attrs))
      try {
        const ids = [shape, backend.idOf(dy)]
        return cropped(native.execute('AvgPoolGrad', attributesOf(attrs), ids)[0]!.id, attrs)
      } finally {
        binding.deleteTensor(shape)
      }
    },
    { when: (inputs, attrs) => isPlainMean(attrs) && noneEmpty(inputs) },
  )
}

function attributesOf({ kernel, stride }: PoolAttrs): readonly Attribute[] {
  return [
    T,
    attribute.int('ksize', [1, ...kernel, 1]),
    attribute.int('strides', [1, ...stride, 1]),
    attribute.string('padding', 'VALID'),
  ]
}

/** Zeros before and after each axis, as far as the last window reaches. */
function paddingsOf(attrs: PoolAttrs): number[] {
  const { kernel, stride, padding, inputShape } = attrs
  const size = pooledShape(attrs)
  const sides = ([0, 1] as const).flatMap((i) => {
    const reach = (size[i + 1]! - 1) * stride[i] + kernel[i]
    return [padding[i], Math.max(0, reach - inputShape[i + 1]! - padding[i])]
  })
  return [0, 0, ...sides, 0, 0]
}

function paddedShape(attrs: PoolAttrs): number[] {
  const paddings = paddingsOf(attrs)
  return attrs.inputShape.map((n, i) => n + paddings[2 * i]! + paddings[2 * i + 1]!)
}
