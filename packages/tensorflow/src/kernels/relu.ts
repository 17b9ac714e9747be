import type { tf } from '@espalier/core'
import type { ReluAttrs } from '@espalier/core/kernels'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import type { Native } from './native-kernel.js'

const T = attribute.type('T', dataTypes.float)

const when = (_: object, { max }: ReluAttrs) => max === undefined || max === 6

/** TensorFlow's ReLU and ReLU6; other upper limits stay composed. */
export function registerRelu(native: Native): void {
  native.register<{ x: tf.Tensor }, ReluAttrs>(
    'EspalierRelu',
    ({ x }, { max }) => native.run(max === 6 ? 'Relu6' : 'Relu', [T], [x]),
    { when },
  )
  // The gradient operation looks at where its features are positive: the output is as good as the input.
  native.register<{ dy: tf.Tensor; y: tf.Tensor }, ReluAttrs>(
    'EspalierReluGrad',
    ({ dy, y }, { max }) => native.run(max === 6 ? 'Relu6Grad' : 'ReluGrad', [T], [dy, y]),
    { when },
  )
}
