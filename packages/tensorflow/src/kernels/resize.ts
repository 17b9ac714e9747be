import type { tf } from '@espalier/core'
import type { ResizeAttrs } from '@espalier/core/kernels'
import { type Attribute, attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import type { Native } from './native-kernel.js'

const T = attribute.type('T', dataTypes.float)

/** TensorFlow's resizing, with pixel centres at half-integers where torch has them there. */
export function registerResize(native: Native): void {
  const { backend } = native
  const { binding } = backend

  native.register<{ x: tf.Tensor4D }, ResizeAttrs>('EspalierResize', ({ x }, attrs) => {
    const size = binding.createTensor([2], dataTypes.int32, [...attrs.size])
    try {
      const op = attrs.mode === 'bilinear' ? 'ResizeBilinear' : 'ResizeNearestNeighbor'
      return native.execute(op, attributesOf(attrs), [backend.idOf(x), size]).map((t) => backend.wrap(t))
    } finally {
      binding.deleteTensor(size)
    }
  })

  native.register<{ dy: tf.Tensor4D }, ResizeAttrs>('EspalierResizeGrad', ({ dy }, attrs) => {
    const [b, , , c] = dy.shape
    const bilinear = attrs.mode === 'bilinear'
    // One gradient wants the image, for its shape alone; the other the size.
    const second = bilinear
      ? binding.allocateTensor([b, ...attrs.inputSize, c], dataTypes.float)
      : binding.createTensor([2], dataTypes.int32, [...attrs.inputSize])
    try {
      const op = bilinear ? 'ResizeBilinearGrad' : 'ResizeNearestNeighborGrad'
      return native.execute(op, attributesOf(attrs), [backend.idOf(dy), second]).map((t) => backend.wrap(t))
    } finally {
      binding.deleteTensor(second)
    }
  })
}

function attributesOf({ mode, alignCorners }: ResizeAttrs): readonly Attribute[] {
  return [
    T,
    attribute.bool('align_corners', alignCorners),
    attribute.bool('half_pixel_centers', mode === 'bilinear' && !alignCorners),
  ]
}
