import type { tf } from '@espalier/core'
import { repeat } from '@espalier/core/kernels'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import { columnOf, type Matrix, multiply } from '../onednn/product.js'
import type { Native } from './native-kernel.js'

/** How the two matrices of a product lie. */
interface Transposed {
  readonly a: boolean
  readonly b: boolean
}

type Sizes = readonly [rows: number, columns: number, inner: number]

/** How many times as much as elsewhere a multiplication counts: of few, threads share already. */
const weight = 8
/** Up to so many columns of a long product are quicker one by one: for vectors oneDNN goes another way. */
const [few, long] = [3, 2 ** 15]

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
    const [left, right] = [matrix(native, a, transposed.a), matrix(native, b, transposed.b)]
    repeatProduct(dnn, left, right, { at: y.at, stride: columns }, [rows, columns, inner])
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

function repeatProduct(dnn: OneDnn, a: Matrix, b: Matrix, y: Matrix, [rows, columns, inner]: Sizes): void {
  const oneByOne = columns <= few && rows * inner >= long
  const parts = oneByOne
    ? Array.from({ length: columns }, (_, i) => [columnOf(b, i), columnOf(y, i)] as const)
    : [[b, y] as const]
  const each = [rows, oneByOne ? 1 : columns, inner] as const
  const threads = dnn.threadsFor(weight * rows * each[1] * inner)
  repeat(() => {
    dnn.useThreads(threads)
    for (const [from, to] of parts) multiply(dnn, a, from, to, each)
  })
}

function matrix(native: Native, t: tf.TensorInfo, transposed: boolean): Matrix {
  return { at: native.at(t), stride: t.shape[1]!, transposed }
}

function sizes({ shape }: tf.TensorInfo, transposed: boolean): readonly [number, number] {
  const [rows, columns] = shape as [number, number]
  return transposed ? [columns, rows] : [rows, columns]
}
