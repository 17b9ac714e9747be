import { sizeOf } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { checkRank, shapeError } from './check.js'
import { type Pair, pair } from './conv2d.js'

/** The places `[n]` of pixel centres along an axis, in [−1, 1]. */
function centres(n: number, alignCorners: boolean): number[] {
  return Array.from({ length: n }, (_, i) =>
    alignCorners ? (n > 1 ? (2 * i) / (n - 1) - 1 : 0) : (2 * i + 1) / n - 1,
  )
}

/**
 * The sampling grid of affine maps (torch's `affine_grid`): matrices `[b, 2, 3]` → `[b, h, w, 2]` of (x, y) in
 * [−1, 1], to be read by `gridSample` with the same `alignCorners`.
 */
export function affineGrid(matrices: tf.Tensor3D, size: Pair, { alignCorners = false } = {}): tf.Tensor4D {
  checkRank('affineGrid', 'the matrices', matrices, 3)
  const [b, rows, columns] = matrices.shape
  if (rows !== 2 || columns !== 3)
    throw shapeError('affineGrid', `expected matrices [b, 2, 3], got [${matrices.shape}]`)
  const [h, w] = pair(size)
  const xs = centres(w, alignCorners)
  const base = centres(h, alignCorners).flatMap((y) => xs.flatMap((x) => [x, y, 1]))
  const points = tf.tile(tf.tensor3d(base, [1, sizeOf([h, w]), 3]), [b, 1, 1])
  return tf.reshape(tf.matMul(points, matrices, false, true), [b, h, w, 2])
}

/**
 * Moves the places of a grid by a perspective map each (fastai's `apply_perspective`): grid `[b, h, w, 2]` and
 * coefficients `[b, 8]`, the homography row by row without its last 1.
 */
export function perspectiveGrid(grid: tf.Tensor4D, coefficients: tf.Tensor2D): tf.Tensor4D {
  checkRank('perspectiveGrid', 'the grid', grid, 4)
  const [b, h, w] = grid.shape
  if (String(coefficients.shape) !== String([b, 8])) {
    throw shapeError('perspectiveGrid', `expected coefficients [${b}, 8], got [${coefficients.shape}]`)
  }
  const homography = tf.reshape(tf.concat([coefficients, tf.ones([b, 1])], 1), [b, 3, 3])
  const points = tf.concat([tf.reshape(grid, [b, h * w, 2]), tf.ones([b, h * w, 1])], 2)
  const moved = tf.matMul(points, homography, false, true)
  const plane = tf.slice(moved, [0, 0, 0], [b, h * w, 2])
  const depth = tf.slice(moved, [0, 0, 2], [b, h * w, 1])
  return tf.reshape(tf.div(plane, depth), [b, h, w, 2])
}
