import type { TypedArray } from '@espalier/data'
import { hostCompute, hostDecision } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import { checkRank, shapeError } from './check.js'
import { checkCodes } from './embed-columns.js'

/** Vectors and biases of users and of items: `[n, d]` and `[n, 1]`. */
export type DotBiasTables = {
  uWeight: tf.Tensor2D
  iWeight: tf.Tensor2D
  uBias: tf.Tensor2D
  iBias: tf.Tensor2D
}

/** How many users and items there are. */
export interface DotBiasAttrs {
  readonly users: number
  readonly items: number
}

/**
 * What users think of items: the product of their vectors and both biases, `codes` `[b, 2]` int32 → `[b]`. One pass
 * there and one back: with tables this long, six small operations cost more than the work.
 */
export function dotBias(codes: tf.Tensor2D, tables: DotBiasTables): tf.Tensor1D {
  const { uWeight, iWeight, uBias, iBias } = tables
  checkRank('dotBias', 'the codes', codes, 2)
  if (codes.dtype !== 'int32' || codes.shape[1] !== 2) {
    throw shapeError('dotBias', `codes must be int32 [b, 2], got ${codes.dtype} [${codes.shape}]`)
  }
  const [users, d] = uWeight.shape
  const [items] = iWeight.shape
  const expected = { iWeight: [items, d], uBias: [users, 1], iBias: [items, 1] }
  for (const [name, shape] of Object.entries(expected)) {
    const got = tables[name as keyof DotBiasTables].shape
    if (String(got) !== String(shape)) throw shapeError('dotBias', `${name} must be [${shape}], got [${got}]`)
  }
  hostDecision([codes], ([all]) => checkCodes(all!, [uWeight.shape, iWeight.shape]))
  return dotBiasKernel({ codes, uWeight, iWeight, uBias, iBias }, { users, items })[0] as tf.Tensor1D
}

/** `codes` and the tables → a number for each pair. */
export const dotBiasKernel = defineKernel<DotBiasTables & { codes: tf.Tensor }, DotBiasAttrs>({
  name: 'EspalierDotBias',
  compose: ({ codes, uWeight, iWeight, uBias, iBias }) => {
    const d = uWeight.shape[1]
    return hostCompute(
      [codes, uWeight, iWeight, uBias, iBias],
      [{ shape: [codes.shape[0]!] }],
      (ins, [out]) => {
        const [at, us, is, ub, ib] = ins as [TypedArray, TypedArray, TypedArray, TypedArray, TypedArray]
        for (let k = 0; k < out!.length; k++) {
          const [u, i] = [at[2 * k]!, at[2 * k + 1]!]
          let sum = ub[u]! + ib[i]!
          for (let j = 0; j < d; j++) sum += us[u * d + j]! * is[i * d + j]!
          out![k] = sum
        }
      },
    )
  },
  saves: { inputs: ['codes', 'uWeight', 'iWeight'] },
  gradient: ([dy], [codes, uWeight, iWeight], attrs) => {
    const given = { dy: dy!, codes: codes!, uWeight: uWeight!, iWeight: iWeight! }
    const grads = dotBiasGradKernel(given, attrs)
    const names = ['uWeight', 'iWeight', 'uBias', 'iBias']
    return Object.fromEntries(names.map((name, i) => [name, () => grads[i]!]))
  },
})

type GradInputs = { dy: tf.Tensor; codes: tf.Tensor; uWeight: tf.Tensor; iWeight: tf.Tensor }

/** → the gradients of the vectors of users and items, and of their biases. */
export const dotBiasGradKernel = defineKernel<GradInputs, DotBiasAttrs>({
  name: 'EspalierDotBiasGrad',
  compose: ({ dy, codes, uWeight, iWeight }, { users, items }) => {
    const d = uWeight.shape[1]!
    const outs = [
      [users, d],
      [items, d],
      [users, 1],
      [items, 1],
    ].map((shape) => ({ shape }))
    return hostCompute([dy, codes, uWeight, iWeight], outs, (ins, grads) => {
      const [dys, at, us, is] = ins as [TypedArray, TypedArray, TypedArray, TypedArray]
      const [du, di, dub, dib] = grads as [TypedArray, TypedArray, TypedArray, TypedArray]
      for (let k = 0; k < dys.length; k++) {
        const g = dys[k]!
        const [u, i] = [at[2 * k]!, at[2 * k + 1]!]
        dub[u]! += g
        dib[i]! += g
        for (let j = 0; j < d; j++) {
          du[u * d + j]! += g * is[i * d + j]!
          di[i * d + j]! += g * us[u * d + j]!
        }
      }
    })
  },
})
