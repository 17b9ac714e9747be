import { EspalierError, type TypedArray } from '@espalier/data'
import { hostCompute, hostDecision } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import { checkRank, shapeError } from './check.js'
import { copyColumns } from './copy-columns.js'

/** The shapes of the tables, one after the other. */
export interface EmbedColumnsAttrs {
  readonly shapes: readonly (readonly [rows: number, dims: number])[]
}

type Inputs = Record<string, tf.Tensor> & { codes: tf.Tensor }

/**
 * A row of each table for each column of codes, side by side: codes `[b, n]` int32 and n tables `[rows, d]` →
 * `[b, Σd]`, with `beside` `[b, m]` behind them → `[b, Σd + m]`. One pass over all tables: lookups of a few numbers each
 * would cost more in calls than in work.
 */
export function embedColumns(
  tables: readonly tf.Tensor2D[],
  codes: tf.Tensor2D,
  beside?: tf.Tensor2D,
): tf.Tensor2D {
  checkRank('embedColumns', 'the codes', codes, 2)
  if (codes.dtype !== 'int32') throw shapeError('embedColumns', `codes must be int32, got ${codes.dtype}`)
  if (codes.shape[1] !== tables.length) {
    throw shapeError('embedColumns', `${tables.length} tables but codes [${codes.shape}]`)
  }
  const shapes = tables.map(({ shape }) => shape)
  hostDecision([codes], ([all]) => checkCodes(all!, shapes))
  if (beside && (beside.rank !== 2 || beside.shape[0] !== codes.shape[0])) {
    throw shapeError('embedColumns', `${codes.shape[0]} rows of codes, and beside them [${beside.shape}]`)
  }
  const named = Object.fromEntries(tables.map((t, i) => [`table${i}`, t]))
  const inputs = { codes, ...named, ...(beside && { beside }) } as Inputs
  return embedColumnsKernel(inputs, { shapes })[0] as tf.Tensor2D
}

/** `codes`, `table0`, `table1`, …, and maybe `beside` → rows side by side. */
export const embedColumnsKernel = defineKernel<Inputs, EmbedColumnsAttrs>({
  name: 'EspalierEmbedColumns',
  compose: ({ codes, beside, ...tables }, { shapes }) => {
    const b = codes.shape[0]!
    const from = widthOf(shapes)
    const more = beside?.shape[1] ?? 0
    const width = from + more
    const inOrder = shapes.map((_, i) => tables[`table${i}`]!)
    const outputs = [{ shape: [b, width], unset: true }]
    return hostCompute([codes, ...inOrder, ...(beside ? [beside] : [])], outputs, ([at, ...rows], [out]) => {
      gather(at!, rows, shapes, out!, width)
      if (beside) copyColumns(rows.at(-1)!, { from: 0, width: more }, out!, { from, width }, more)
    })
  },
  saves: { inputs: ['codes'] },
  gradient: ([dy], [codes], attrs) => {
    const ofTables = embedColumnsGradKernel({ dy: dy!, codes: codes! }, attrs)
    return {
      ...Object.fromEntries(ofTables.map((grad, i) => [`table${i}`, () => grad] as const)),
      beside: () => lastColumns(dy as tf.Tensor2D, widthOf(attrs.shapes)),
    }
  },
})

/** `dy`, `codes` → the gradient of each table. */
export const embedColumnsGradKernel = defineKernel<{ dy: tf.Tensor; codes: tf.Tensor }, EmbedColumnsAttrs>({
  name: 'EspalierEmbedColumnsGrad',
  compose: ({ dy, codes }, { shapes }) =>
    hostCompute(
      [dy, codes],
      shapes.map((shape) => ({ shape })),
      ([d, at], outs) => scatter(d!, at!, shapes, outs),
    ),
})

type Shapes = EmbedColumnsAttrs['shapes']

const widthOf = (shapes: Shapes) => shapes.reduce((sum, [, d]) => sum + d, 0)

/** The columns of a matrix from one on. */
function lastColumns(x: tf.Tensor2D, from: number): tf.Tensor {
  const [b, width] = x.shape
  const n = width - from
  return hostCompute([x], [{ shape: [b, n], unset: true }], ([all], [out]) =>
    copyColumns(all!, { from, width }, out!, { from: 0, width: n }, n),
  )[0]!
}

function gather(
  codes: TypedArray,
  tables: readonly TypedArray[],
  shapes: Shapes,
  out: TypedArray,
  width: number,
): void {
  const n = shapes.length
  let from = 0
  for (let c = 0; c < n; c++) {
    const d = shapes[c]![1]
    const table = tables[c]!
    for (let i = c, to = from; i < codes.length; i += n, to += width) {
      const row = codes[i]! * d
      for (let j = 0; j < d; j++) out[to + j] = table[row + j]!
    }
    from += d
  }
}

function scatter(dy: TypedArray, codes: TypedArray, shapes: Shapes, outs: readonly TypedArray[]): void {
  const n = shapes.length
  const width = (dy.length * n) / codes.length
  let from = 0
  for (let c = 0; c < n; c++) {
    const d = shapes[c]![1]
    const out = outs[c]!
    for (let i = c, at = from; i < codes.length; i += n, at += width) {
      const row = codes[i]! * d
      for (let j = 0; j < d; j++) out[row + j]! += dy[at + j]!
    }
    from += d
  }
}

/** Throws where a code is no row of the table of its column: where it, or what it is short of the last row, is negative. */
export function checkCodes(codes: TypedArray, shapes: Shapes): void {
  const n = shapes.length
  const last = Int32Array.from(shapes, ([rows]) => rows - 1)
  let signs = 0
  for (let i = 0; i < codes.length; )
    for (let c = 0; c < n; c++, i++) signs |= codes[i]! | (last[c]! - codes[i]!)
  if (signs >= 0) return
  const outside = (code: number, i: number) => code < 0 || code > last[i % n]!
  const i = codes.findIndex(outside)
  throw noRow(codes, i, n, shapes[i % n]![0])
}

function noRow(codes: TypedArray, i: number, n: number, rows: number): EspalierError {
  return new EspalierError(
    'embedding/index',
    `embedding: code ${codes[i]} in row ${Math.floor(i / n)}, column ${i % n}, is not one of the ${rows} rows`,
    { fix: 'the classes of the data and the size of the embedding must agree' },
  )
}
