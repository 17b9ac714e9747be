import type { Matrix } from './matrix.js'

type Point = readonly [number, number]

const corners: readonly Point[] = [
  [-1, -1],
  [-1, 1],
  [1, -1],
  [1, 1],
]

/** Where a warp of strength (x, y) reads the corners of a picture: upper left, lower left, upper right, lower right. */
export function warpCorners(x: number, y: number): readonly Point[] {
  return [
    [-1 - y, -1 - x],
    [-1 + y, 1 + x],
    [1 + y, -1 + x],
    [1 - y, 1 - x],
  ]
}

/** The picture seen from aside: the perspective map that takes the warped corners to the straight ones (fastai's `Warp`). */
export function warpMatrix(x: number, y: number): Matrix {
  return perspective(warpCorners(x, y), corners)
}

/** The same the other way round, for points and boxes. */
export function unwarpMatrix(x: number, y: number): Matrix {
  return perspective(corners, warpCorners(x, y))
}

/** The perspective map that takes four points to four others (fastai's `find_coeffs`): 8 equations, 8 unknowns. */
function perspective(from: readonly Point[], to: readonly Point[]): Matrix {
  const equations = from.flatMap(([x, y], i) => {
    const [u, v] = to[i]!
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ]
  })
  const [a, b, c, d, e, f, g, h] = solve(equations) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return [a, b, c, d, e, f, g, h, 1]
}

/** Gauss–Jordan elimination with the largest pivot; each row holds its right-hand side last. */
function solve(rows: number[][]): number[] {
  const n = rows.length
  for (let column = 0; column < n; column++) {
    let best = column
    for (let i = column + 1; i < n; i++)
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[best]![column]!)) best = i
    const pivot = rows[best]!
    rows[best] = rows[column]!
    rows[column] = pivot
    for (const row of rows) {
      if (row === pivot) continue
      const factor = row[column]! / pivot[column]!
      for (let j = column; j <= n; j++) row[j]! -= factor * pivot[j]!
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!)
}
