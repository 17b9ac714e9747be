import type { Difference, GoldenCase } from '@espalier/testkit'
import {
  dihedralMatrix,
  flipMatrix,
  forShape,
  identity,
  type Matrix,
  multiply,
  rotateMatrix,
  transformed,
  zoomMatrix,
} from '../../src/augment/matrix.js'
import { unwarpMatrix, warpCorners, warpMatrix } from '../../src/augment/warp.js'
import type { Turn } from '../../src/index.js'
import { compareNumbers } from './numbers.js'

type Draws = Readonly<Record<string, readonly number[] | undefined>>

const square = (m: Matrix) => [m.slice(0, 3), m.slice(3, 6), m.slice(6)]
const upper = (m: Matrix) => square(m).slice(0, 2)

/** The matrix of each image, by the name of fastai's function and its draws. */
function matricesOf(fn: string, draws: Draws, n: number): readonly Matrix[] {
  const { draw = [], draw_x: x = [], draw_y: y = [] } = draws
  if (fn === 'flip_mat') return draw.map((d) => flipMatrix(d === 1))
  if (fn === 'dihedral_mat') return draw.map((d) => dihedralMatrix(d as Turn))
  if (fn === 'rotate_mat') return draw.map(rotateMatrix)
  if (fn === 'zoom_mat') return draw.map((d, i) => zoomMatrix(d, [x[i]!, y[i]!]))
  const { flip = [], dihedral = [], rotate = [], zoom = [], zoom_x = [], zoom_y = [] } = draws
  const factors: Readonly<Record<string, (i: number) => Matrix>> = {
    Flip: (i) => flipMatrix(flip[i] === 1),
    Dihedral: (i) => dihedralMatrix(dihedral[i] as Turn),
    Rotate: (i) => rotateMatrix(rotate[i]!),
    Zoom: (i) => zoomMatrix(zoom[i]!, [zoom_x[i]!, zoom_y[i]!]),
  }
  const names = Object.keys(draws).length > 0 ? (fn.match(/Flip|Dihedral|Rotate|Zoom/g) ?? []) : []
  return Array.from({ length: n }, (_, i) => names.map((k) => factors[k]!(i)).reduce(multiply, identity))
}

export function matrixRows(golden: GoldenCase): readonly Difference[] {
  const [height, width] = golden.json.config['img_size_hw'] as [number, number]
  const rows = golden.json.expected['rows'] as readonly {
    readonly fn: string
    readonly draws: Draws
    readonly raw?: unknown
    readonly prepared: readonly unknown[]
  }[]
  return rows.flatMap(({ fn, draws, raw, prepared }) => {
    const matrices = matricesOf(fn, draws, prepared.length)
    const fitted = matrices.map((m) => upper(forShape(m, { width, height })))
    return [
      ...(raw ? [compareNumbers(golden, fn, matrices.map(square), raw)] : []),
      compareNumbers(golden, `${fn}, prepared`, fitted, prepared),
    ]
  })
}

export function warpRows(golden: GoldenCase): readonly Difference[] {
  const rows = golden.json.expected['rows'] as readonly {
    readonly draw_x: number
    readonly draw_y: number
    readonly targ_pts: unknown
    readonly coeffs: unknown
    readonly coeffs_invert: unknown
    readonly points: readonly (readonly [number, number])[]
    readonly warped: unknown
    readonly warped_invert: unknown
  }[]
  return rows.flatMap(({ draw_x: x, draw_y: y, points, ...want }) => {
    const at = (m: Matrix) => points.map((p) => transformed(m, p))
    const check = (key: keyof typeof want, got: unknown) =>
      compareNumbers(golden, `${key} of ${x}, ${y}`, got, want[key])
    return [
      check('targ_pts', warpCorners(x, y)),
      check('coeffs', warpMatrix(x, y).slice(0, 8)),
      check('coeffs_invert', unwarpMatrix(x, y).slice(0, 8)),
      check('warped', at(warpMatrix(x, y))),
      check('warped_invert', at(unwarpMatrix(x, y))),
    ]
  })
}
