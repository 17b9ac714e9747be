import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import { checkRank, shapeError } from './check.js'
import { copyColumns } from './copy-columns.js'

/** How many columns come from the left. */
export interface JoinColumnsAttrs {
  readonly left: number
}

/** Two matrices of as many rows side by side: `[b, m]`, `[b, n]` → `[b, m + n]`. */
export function joinColumns(left: tf.Tensor2D, right: tf.Tensor2D): tf.Tensor2D {
  checkRank('joinColumns', 'the left side', left, 2)
  checkRank('joinColumns', 'the right side', right, 2)
  if (left.shape[0] !== right.shape[0]) {
    throw shapeError('joinColumns', `${left.shape[0]} rows on the left, ${right.shape[0]} on the right`)
  }
  return joinColumnsKernel({ left, right }, { left: left.shape[1] })[0] as tf.Tensor2D
}

/** `left`, `right` → both side by side. */
export const joinColumnsKernel = defineKernel<{ left: tf.Tensor2D; right: tf.Tensor2D }, JoinColumnsAttrs>({
  name: 'EspalierJoinColumns',
  compose: ({ left, right }) => {
    const [[b, m], n] = [left.shape, right.shape[1]]
    const width = m + n
    return hostCompute([left, right], [{ shape: [b, width], unset: true }], ([l, r], [out]) => {
      copyColumns(l!, { from: 0, width: m }, out!, { from: 0, width }, m)
      copyColumns(r!, { from: 0, width: n }, out!, { from: m, width }, n)
    })
  },
  gradient: ([dy], _, attrs) => {
    const [left, right] = splitColumnsKernel({ x: dy! as tf.Tensor2D }, attrs)
    return { left: () => left!, right: () => right! }
  },
})

/** `x` → its first columns and the others. */
export const splitColumnsKernel = defineKernel<{ x: tf.Tensor2D }, JoinColumnsAttrs>({
  name: 'EspalierSplitColumns',
  compose: ({ x }, { left: m }) => {
    const [b, width] = x.shape
    const n = width - m
    return hostCompute(
      [x],
      [m, n].map((width) => ({ shape: [b, width], unset: true })),
      ([v], [l, r]) => {
        copyColumns(v!, { from: 0, width }, l!, { from: 0, width: m }, m)
        copyColumns(v!, { from: m, width }, r!, { from: 0, width: n }, n)
      },
    )
  },
})
