import type { tf } from '@espalier/core'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import type { Native } from './native-kernel.js'

/** Up to this many logits, plain loops take less time than the call. */
const few = 4096

const attributes = [attribute.type('T', dataTypes.float), attribute.type('Tlabels', dataTypes.int32)]

/** `SparseSoftmaxCrossEntropyWithLogits` yields the loss and its gradient at once, as the contract does. */
export function registerCrossEntropy(native: Native): void {
  native.register<{ logits: tf.Tensor; labels: tf.Tensor }, object>(
    'EspalierSparseCrossEntropy',
    ({ logits, labels }) =>
      native.run('SparseSoftmaxCrossEntropyWithLogits', attributes, [logits, labels], 2),
    { integers: ['labels'], when: ({ logits }) => logits.size > few },
  )
}
