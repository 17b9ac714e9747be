import type { tf } from '@espalier/core'
import { hostCompute } from '@espalier/core/kernels'
import type { TypedArray } from '@espalier/data'
import type { Size } from '../image/geometry.js'
import { inverse, type Matrix, multiply, scaleMatrix, transformed } from './matrix.js'

/** Points `[b, n, 2]` where the pictures that their matrices make show them: matrices say where to read, points go back. */
export function placePoints(points: tf.Tensor3D, matrices: readonly Matrix[]): tf.Tensor3D {
  return eachImage(points, matrices, (back, x, y, at) => {
    ;[y[at], y[at + 1]] = transformed(back, [x[at]!, x[at + 1]!])
  })
}

/**
 * Boxes `[b, n, 4]` of (left, top, right, bottom): the smallest straight ones around the corners where they go. Boxes
 * of zeros, which fill a batch up, stay.
 */
export function placeBoxes(boxes: tf.Tensor3D, matrices: readonly Matrix[]): tf.Tensor3D {
  return eachImage(boxes, matrices, (back, x, y, at) => {
    const [left, top, right, bottom] = [x[at]!, x[at + 1]!, x[at + 2]!, x[at + 3]!]
    if (left === 0 && top === 0 && right === 0 && bottom === 0) return
    const corners = [
      [left, top],
      [left, bottom],
      [right, top],
      [right, bottom],
    ] as const
    const places = corners.map((corner) => transformed(back, corner))
    const [xs, ys] = [places.map(([px]) => px), places.map(([, py]) => py)]
    y[at] = Math.min(...xs)
    y[at + 1] = Math.min(...ys)
    y[at + 2] = Math.max(...xs)
    y[at + 3] = Math.max(...ys)
  })
}

/**
 * A matrix that reads a picture, for points of it. Theirs span the picture from edge to edge; where corners are
 * aligned, those of the matrix span it from the centre of the first pixel to that of the last.
 */
export function forPoints(m: Matrix, from: Size, to: Size, alignCorners: boolean): Matrix {
  if (!alignCorners) return m
  const stretch = (n: number) => (n > 1 ? n / (n - 1) : 1)
  const inward = scaleMatrix(stretch(to.width), stretch(to.height))
  const outward = scaleMatrix(1 / stretch(from.width), 1 / stretch(from.height))
  return multiply(outward, multiply(m, inward))
}

function eachImage(
  points: tf.Tensor3D,
  matrices: readonly Matrix[],
  move: (back: Matrix, x: TypedArray, y: TypedArray, at: number) => void,
): tf.Tensor3D {
  const [, n, step] = points.shape
  return hostCompute([points], [{ shape: points.shape }], ([x], [y]) => {
    for (const [i, m] of matrices.entries()) {
      const back = inverse(m)
      for (let k = 0; k < n; k++) move(back, x!, y!, (i * n + k) * step)
    }
  })[0] as tf.Tensor3D
}
