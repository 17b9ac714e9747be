import type { tf } from '@espalier/core'
import { repeat } from '@espalier/core/kernels'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import type { Native } from './native-kernel.js'

/** How the two matrices of a product lie. */
interface Transposed {
  readonly a: boolean
  readonly b: boolean
}

const [yes, no] = ['T', 'N'].map((letter) => letter.charCodeAt(0)) as [number, number]

/**
 * The product of two matrices of floats, each as it lies or transposed. By oneDNN, which TensorFlow's `MatMul` takes
 * two to four times as long as for small ones; without it, and for matrices without elements, by that.
 */
export function matMul(
  native: Native,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposed: Transposed,
): tf.TensorInfo {
  const [rows, inner] = sizes(a, transposed.a)
  const [inner2, columns] = sizes(b, transposed.b)
  const { dnn } = native
  if (dnn && inner === inner2 && rows * inner * columns > 0) {
    const y = native.fresh([rows, columns])
    const [ta, tb] = [transposed.a ? yes : no, transposed.b ? yes : no]
    const [from, by] = [native.at(a), native.at(b)]
    const [lda, ldb] = [a.shape[1]!, b.shape[1]!]
    const { sgemm } = dnn.api
    repeat(() => {
      dnn.useThreads(dnn.threadsFor(rows * inner * columns))
      const status = sgemm(ta, tb, rows, columns, inner, 1, from, lda, by, ldb, 0, y.at, columns)
      dnn.check('a product of matrices', status)
    })
    native.backend.own(y.tensor) // The gradient of a table that is looked up too is added to it.
    return y.tensor
  }
  const attributes = [
    attribute.type('T', dataTypes.float),
    attribute.bool('transpose_a', transposed.a),
    attribute.bool('transpose_b', transposed.b),
  ]
  return native.run('MatMul', attributes, [a, b])[0]!
}

function sizes({ shape }: tf.TensorInfo, transposed: boolean): readonly [number, number] {
  const [rows, columns] = shape as [number, number]
  return transposed ? [columns, rows] : [rows, columns]
}
