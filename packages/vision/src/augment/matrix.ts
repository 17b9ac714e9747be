import type { Size, Turn } from '../image/geometry.js'

/**
 * A 3×3 matrix row by row. It says where in the source a place of the result is read, in coordinates from −1 to 1:
 * (x, y, 1) → (x', y', w').
 */
export type Matrix = readonly [number, number, number, number, number, number, number, number, number]

/** Leaves everything where it is. */
export const identity: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1]

/** Left and right exchanged (fastai's `flip_mat`), or not. */
export function flipMatrix(flipped: boolean): Matrix {
  return affine(flipped ? -1 : 1, 0, 0, 0, 1, 0)
}

/** One of the eight ways to lay a square on itself (fastai's `dihedral_mat`). */
export function dihedralMatrix(turn: Turn): Matrix {
  const sx = [1, -1, 1, -1, -1, 1, 1, -1][turn]!
  const sy = [1, 1, -1, 1, -1, -1, 1, -1][turn]!
  const straight = [0, 1, 2, 4].includes(turn)
  return straight ? affine(sx, 0, 0, 0, sy, 0) : affine(0, sx, 0, sy, 0, 0)
}

/** Turned by an angle in degrees (fastai's `rotate_mat`). */
export function rotateMatrix(degrees: number): Matrix {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  return affine(cos, sin, 0, -sin, cos, 0)
}

/** Enlarged `zoom` times around a point given in fractions of width and height (fastai's `zoom_mat`). */
export function zoomMatrix(zoom: number, [x, y]: readonly [number, number]): Matrix {
  const s = 1 / zoom
  return affine(s, 0, (1 - s) * (2 * x - 1), 0, s, (1 - s) * (2 * y - 1))
}

function affine(a: number, b: number, c: number, d: number, e: number, f: number): Matrix {
  return [a, b, c, d, e, f, 0, 0, 1]
}

/** The matrix that maps by `b` first and by `a` then. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const entry = (i: number) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3]
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!
  }
  return [entry(0), entry(1), entry(2), entry(3), entry(4), entry(5), entry(6), entry(7), entry(8)]
}

/** Made for a square, fitted to a picture: turning it must not squeeze it (fastai's `_prepare_mat`). */
export function forShape([a, b, c, d, e, f, ...last]: Matrix, { width, height }: Size): Matrix {
  return [a, (b * height) / width, c, (d * width) / height, e, f, ...last]
}

/** Where a place is read. */
export function transformed(m: Matrix, [x, y]: readonly [number, number]): readonly [number, number] {
  const w = m[6] * x + m[7] * y + m[8]
  return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w]
}

/** The matrix that maps back, up to a factor, which places do not show. */
export function inverse([a, b, c, d, e, f, g, h, k]: Matrix): Matrix {
  return [
    e * k - f * h,
    c * h - b * k,
    b * f - c * e,
    f * g - d * k,
    a * k - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ]
}

/** Moves nothing, but scales both axes. */
export function scaleMatrix(x: number, y: number): Matrix {
  return affine(x, 0, 0, 0, y, 0)
}

/** Moves everything the same way. */
export function shiftMatrix(x: number, y: number): Matrix {
  return affine(1, 0, x, 0, 1, y)
}
