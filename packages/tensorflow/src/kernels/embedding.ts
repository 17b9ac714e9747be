import type { tf } from '@espalier/core'
import type { SegmentSumAttrs } from '@espalier/core/kernels'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import type { Native } from './native-kernel.js'

const T = attribute.type('T', dataTypes.float)
const int32 = (name: string) => attribute.type(name, dataTypes.int32)

/** Rows of a table, `GatherV2`, and sums over rows with the same id, `UnsortedSegmentSum`. */
export function registerEmbedding(native: Native): void {
  const { backend } = native
  const { binding } = backend
  const gather = [
    attribute.type('Tparams', dataTypes.float),
    int32('Tindices'),
    int32('Taxis'),
    attribute.int('batch_dims', 0),
  ]
  const rows = binding.createTensor([], dataTypes.int32, [0])

  native.register<{ weight: tf.Tensor; indices: tf.Tensor }, object>(
    'EspalierEmbedding',
    ({ weight, indices }) => {
      const ids = [backend.idOf(weight), backend.idOf(indices), rows]
      return native.execute('GatherV2', gather, ids).map((t) => backend.wrap(t))
    },
    { integers: ['indices'] },
  )

  native.register<{ values: tf.Tensor; ids: tf.Tensor }, SegmentSumAttrs>(
    'EspalierSegmentSum',
    ({ values, ids }, { count }) => {
      const segments = binding.createTensor([], dataTypes.int32, [count])
      try {
        return native
          .execute(
            'UnsortedSegmentSum',
            [T, int32('Tindices'), int32('Tnumsegments')],
            [backend.idOf(values), backend.idOf(ids), segments],
          )
          .map((t) => backend.wrap(t))
      } finally {
        binding.deleteTensor(segments)
      }
    },
    { integers: ['ids'] },
  )
}
