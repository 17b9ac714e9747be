import type { tf } from '@espalier/core'
import { addRow, defineKernel, hostAccumulate, hostCompute } from '@espalier/core/kernels'

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
  let sum = 0
  for (let i = 0; i < b * t; i++) {
    const alone = ofChange === 0 || i % t === 0
    sum += alone ? ofSize * squares(x, i * n, n) : ofStep(x, i * n, n, ofSize, ofChange)
  }
  return sum
}

// One step at a time: short functions that are called often are soon compiled.

function squares(x: Float32Array, at: number, n: number): number {
  let sum = 0
  for (let i = at; i < at + n; i++) sum += x[i]! * x[i]!
  return sum
}

/** The squares of a step that begins at `at`, and those of its changes from the one before it. */
function ofStep(x: Float32Array, at: number, n: number, ofSize: number, ofChange: number): number {
  let size = 0
  let changes = 0
  for (let i = at; i < at + n; i++) {
    const v = x[i]!
    const change = v - x[i - n]!
    size += v * v
    changes += change * change
  }
  return ofSize * size + ofChange * changes
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
  for (let i = 0; i < b * t; i++) {
    const [first, last] = [i % t === 0, i % t === t - 1]
    if (c === 0 || (first && last)) addRow(x, i * n, to, i * n, n, a)
    else if (first) addChange(x, i * n, n, a + c, c, to)
    else if (last) addChange(x, i * n, -n, a + c, c, to)
    else addChanges(x, i * n, n, a + 2 * c, c, to)
  }
}

/** A step that is held to the next one, or with a negative `n` to the one before it. */
function addChange(x: Float32Array, at: number, n: number, own: number, other: number, to: Float32Array) {
  for (let i = at; i < at + Math.abs(n); i++) to[i]! += own * x[i]! - other * x[i + n]!
}

/** A step that is held to both its neighbours. */
function addChanges(x: Float32Array, at: number, n: number, own: number, other: number, to: Float32Array) {
  for (let i = at; i < at + n; i++) to[i]! += own * x[i]! - other * (x[i - n]! + x[i + n]!)
}
