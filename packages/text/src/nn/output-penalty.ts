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

function penalty(x: Float32Array, shape: Shape, attrs: PenaltyAttrs): number {
  const [b, t, n] = shape
  const { ofSize, ofChange } = factors(shape, attrs)
  let [squares, changes] = [0, 0]
  for (let row = 0; row < b; row++) {
    const [from, end] = [row * t * n, (row + 1) * t * n]
    for (let i = from; i < end; i++) squares += x[i]! * x[i]!
    if (ofChange === 0) continue
    for (let i = from + n; i < end; i++) changes += (x[i]! - x[i - n]!) ** 2
  }
  return ofSize * squares + ofChange * changes
}

function addSlopes(dy: number, x: Float32Array, shape: Shape, attrs: PenaltyAttrs, to: Float32Array): void {
  const [b, t, n] = shape
  const { ofSize, ofChange } = factors(shape, attrs)
  const [a, c] = [2 * dy * ofSize, 2 * dy * ofChange]
  for (let row = 0; row < b; row++) {
    const [from, end] = [row * t * n, (row + 1) * t * n]
    for (let i = from; i < end; i++) {
      const v = x[i]!
      const change = (i >= from + n ? v - x[i - n]! : 0) - (i < end - n ? x[i + n]! - v : 0)
      to[i]! += a * v + c * change
    }
  }
}
