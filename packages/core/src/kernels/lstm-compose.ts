import * as tf from '../engine/tf.js'
import type { LstmAttrs, LstmGradInputs, LstmInputs } from './lstm.js'

/**
 * The input is projected for all steps at once; what is left for each step is one product of matrices. The gates, as
 * activated, and the cells are kept for the gradient, steps first: `[t, b, 4h]` and `[t, b, h]`.
 */
export function composeLstm(inputs: LstmInputs, { reverse }: LstmAttrs): tf.Tensor[] {
  const { x, weightIh, weightHh, bias } = inputs
  const [b, steps, n] = x.shape
  const rows = tf.reshape<tf.Rank.R2>(stepsFirst(x), [steps * b, n])
  const projected = tf.unstack(tf.reshape(tf.add(tf.matMul(rows, weightIh), bias), [steps, b, bias.size]))
  let { h, c } = inputs
  const ys = new Array<tf.Tensor>(steps)
  const gates = new Array<tf.Tensor>(steps)
  const cells = new Array<tf.Tensor>(steps)
  for (const t of order(steps, reverse)) {
    const [i, f, g, o] = activated(tf.add(projected[t]!, tf.matMul(h, weightHh)))
    c = tf.add(tf.mul(f, c), tf.mul(i, g))
    h = tf.mul(o, tf.tanh(c))
    ys[t] = h
    cells[t] = c
    gates[t] = tf.concat([i, f, g, o], 1)
  }
  return [tf.stack(ys, 1), tf.clone(h), tf.clone(c), tf.stack(gates), tf.stack(cells)]
}

/** Back through the steps with one product for each; the weights' gradients are one product for the sequence. */
export function composeLstmGrad(inputs: LstmGradInputs, { reverse }: LstmAttrs): tf.Tensor[] {
  const { x, weightIh, weightHh, y, dy, reserved0, reserved1 } = inputs
  const [b, steps, n] = x.shape
  const hidden = weightHh.shape[0]
  const [gates, cells] = [tf.unstack(reserved0), tf.unstack(reserved1!)]
  const dys = dy.rank === 0 ? undefined : tf.unstack(dy, 1)
  const back = tf.transpose(weightHh)
  const forth = order(steps, reverse)
  let dh = full(inputs.dh, [b, hidden])
  let dc = full(inputs.dc, [b, hidden])
  const slopes = new Array<tf.Tensor>(steps)
  for (const [at, t] of [...forth.entries()].reverse()) {
    const [i, f, g, o] = fours(gates[t]!)
    const before = at === 0 ? inputs.c : cells[forth[at - 1]!]!
    const squashed = tf.tanh(cells[t]!)
    const d = dys ? tf.add(dh, dys[t]!) : dh
    dc = tf.add(dc, tf.mul(tf.mul(d, o), falling(squashed)))
    const slope = tf.concat(
      [
        tf.mul(tf.mul(dc, g), logistic(i)),
        tf.mul(tf.mul(dc, before), logistic(f)),
        tf.mul(tf.mul(dc, i), falling(g)),
        tf.mul(tf.mul(d, squashed), logistic(o)),
      ],
      1,
    ) as tf.Tensor2D
    slopes[t] = slope
    dc = tf.mul(dc, f)
    dh = tf.matMul(slope, back)
  }
  const rows = tf.reshape<tf.Rank.R2>(tf.stack(slopes), [steps * b, 4 * hidden])
  const xs = tf.reshape<tf.Rank.R2>(stepsFirst(x), [steps * b, n])
  const dx = tf.reshape<tf.Rank.R3>(tf.matMul(rows, weightIh, false, true), [steps, b, n])
  const earlier = tf.reshape<tf.Rank.R2>(statesBefore(y, inputs.h, reverse), [steps * b, hidden])
  return [
    stepsFirst(dx),
    dh,
    dc,
    tf.matMul(xs, rows, true, false),
    tf.matMul(earlier, rows, true, false),
    tf.sum(rows, 0),
  ]
}

type Gates = readonly [i: tf.Tensor2D, f: tf.Tensor2D, g: tf.Tensor2D, o: tf.Tensor2D]

function activated(gates: tf.Tensor): Gates {
  const [i, f, g, o] = fours(gates)
  return [tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)]
}

/** The derivatives of tanh and of the logistic function, from their values. */
const falling = (v: tf.Tensor) => tf.sub(1, tf.square(v))
const logistic = (v: tf.Tensor) => tf.mul(v, tf.sub(1, v))

/** `[b, t, …]` ↔ `[t, b, …]` */
const stepsFirst = (x: tf.Tensor3D) => tf.transpose(x, [1, 0, 2])

/** The steps in the order that they are walked. */
function order(steps: number, reverse: boolean): number[] {
  return Array.from({ length: steps }, (_, i) => (reverse ? steps - 1 - i : i))
}

/** What each step was given by the one before it: `[t, b, h]`. */
function statesBefore(y: tf.Tensor3D, first: tf.Tensor2D, reverse: boolean): tf.Tensor3D {
  const ys = stepsFirst(y)
  const [steps, b, hidden] = ys.shape
  const start = tf.expandDims<tf.Tensor3D>(first, 0)
  if (steps === 1) return start
  const others = tf.slice(ys, [reverse ? 1 : 0, 0, 0], [steps - 1, b, hidden])
  return tf.concat(reverse ? [others, start] : [start, others], 0)
}

/** A gradient, or zeros where there is none. */
function full(d: tf.Tensor, shape: [number, number]): tf.Tensor2D {
  return d.rank === 0 ? tf.zeros(shape) : (d as tf.Tensor2D)
}

/** The four gates that lie side by side. */
const fours = (gates: tf.Tensor) => tf.split(gates, 4, 1) as unknown as Gates
