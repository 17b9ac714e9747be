import type { tf } from '@espalier/core'
import { defineKernel, hostAccumulate, hostCompute } from '@espalier/core/kernels'

/** How much an output that is large, and one that changes from step to step, add to the loss. */
interface PenaltyAttrs {
  readonly alpha: number
  readonly beta: number
}

/**
 * α times the mean square of `[b, t, n]`, plus β times that of its changes from step to step (Merity et al. 2017): one
 * pass there and one back, where composed operations would each walk all outputs.
 */
export function outputPenalty(output: tf.Tensor3D, attrs: PenaltyAttrs): tf.Scalar {
  return penaltyKernel({ output }, attrs)[0] as tf.Scalar
}

const penaltyKernel = defineKernel<{ output: tf.Tensor3D }, PenaltyAttrs>({
  name: 'EspalierOutputPenalty',
  compose: ({ output }, attrs) =>
    hostCompute([output], [{ shape: [] }], ([x], [sum]) => {
      sum![0] = penalty(x as Float32Array, output.shape, attrs)
    }),
  saves: { inputs: ['output'] },
  gradient: ([dy], [output], attrs) => ({
    output: (before) =>
      hostAccumulate(before, output!.shape, [dy!, output!], ([d, x], to) =>
        addSlopes(d![0]!, x as Float32Array, (output as tf.Tensor3D).shape, attrs, to),
      ),
  }),
})

type Shape = readonly [b: number, t: number, n: number]

function factors([b, t, n]: Shape, { alpha, beta }: PenaltyAttrs) {
  return { ofSize: alpha / (b * t * n), ofChange: t > 1 ? beta / (b * (t - 1) * n) : 0 }
}

function penalty(x: Float32Array, [b, t, n]: Shape, attrs: PenaltyAttrs): number {
  const { ofSize, ofChange } = factors([b, t, n], attrs)
  let [squares, changes] = [0, 0]
  for (let row = 0; row < b; row++) {
    const [from, end] = [row * t * n, (row + 1) * t * n]
    squares += sumOfSquares(x, from, end)
    if (ofChange !== 0) changes += squaredChanges(x, from, end - n, n)
  }
  return ofSize * squares + ofChange * changes
}

/** Two sums at a time: the second need not wait for the first. */
function sumOfSquares(x: Float32Array, from: number, end: number): number {
  let even = 0
  let odd = 0
  let i = from
  for (; i + 1 < end; i += 2) {
    even += x[i]! * x[i]!
    odd += x[i + 1]! * x[i + 1]!
  }
  return even + odd + (i < end ? x[i]! ** 2 : 0)
}

/** Of what comes `n` later from what is there. */
function squaredChanges(x: Float32Array, from: number, end: number, n: number): number {
  let even = 0
  let odd = 0
  let i = from
  for (; i + 1 < end; i += 2) {
    const a = x[i + n]! - x[i]!
    const b = x[i + n + 1]! - x[i + 1]!
    even += a * a
    odd += b * b
  }
  return even + odd + (i < end ? (x[i + n]! - x[i]!) ** 2 : 0)
}

function addSlopes(
  dy: number,
  x: Float32Array,
  [b, t, n]: Shape,
  attrs: PenaltyAttrs,
  to: Float32Array,
): void {
  const { ofSize, ofChange } = factors([b, t, n], attrs)
  const [a, c] = [2 * dy * ofSize, 2 * dy * ofChange]
  for (let row = 0; row < b; row++) {
    const [from, end] = [row * t * n, (row + 1) * t * n]
    // Each step but the first is held to the one before it, each but the last to the one after it.
    const [second, last] = [Math.min(from + n, end), end - n]
    if (c === 0 || t === 1) addScaled(x, a, to, from, end)
    else {
      for (let i = from; i < second; i++) to[i]! += (a + c) * x[i]! - c * x[i + n]!
      for (let i = second; i < last; i++) to[i]! += (a + 2 * c) * x[i]! - c * (x[i - n]! + x[i + n]!)
      for (let i = last; i < end; i++) to[i]! += (a + c) * x[i]! - c * x[i - n]!
    }
  }
}

function addScaled(x: Float32Array, a: number, to: Float32Array, from: number, end: number): void {
  for (let i = from; i < end; i++) to[i]! += a * x[i]!
}
