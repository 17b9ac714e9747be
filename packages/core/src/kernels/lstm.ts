import { defineKernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import { checkRank, shapeError } from './check.js'
import { composeLstm, composeLstmGrad } from './lstm-compose.js'

/** The way an LSTM walks a sequence. */
export interface LstmAttrs {
  /** From the last step to the first; the outputs stay where their inputs are. */
  readonly reverse: boolean
}

/** What an LSTM carries from step to step: output and cell, each `[b, h]`. */
export interface LstmState {
  readonly h: tf.Tensor2D
  readonly c: tf.Tensor2D
}

/** The weights of an LSTM; its gates lie side by side in torch's order: input, forget, cell, output. */
export interface LstmWeights {
  /** `[n, 4h]` */
  readonly weightIh: tf.Tensor2D
  /** `[h, 4h]` */
  readonly weightHh: tf.Tensor2D
  /** `[4h]`: torch's two biases, added. */
  readonly bias: tf.Tensor1D
}

/** The inputs of the kernel. */
export type LstmInputs = {
  x: tf.Tensor3D
  h: tf.Tensor2D
  c: tf.Tensor2D
  weightIh: tf.Tensor2D
  weightHh: tf.Tensor2D
  bias: tf.Tensor1D
}
/** Those of its gradient; what an engine kept of its forward pass comes back as `reserved…`. */
export type LstmGradInputs = LstmInputs & {
  dy: tf.Tensor
  dh: tf.Tensor
  dc: tf.Tensor
  y: tf.Tensor3D
  lastH: tf.Tensor2D
  lastC: tf.Tensor2D
  reserved0: tf.Tensor
  reserved1?: tf.Tensor
}

/**
 * An LSTM over a whole sequence (Hochreiter & Schmidhuber 1997, with torch's gates): x `[b, t, n]` and the state
 * before it → y `[b, t, h]` and the state after it.
 */
export function lstm(
  x: tf.Tensor3D,
  state: LstmState,
  weights: LstmWeights,
  { reverse = false } = {},
): { readonly y: tf.Tensor3D; readonly state: LstmState } {
  checkLstm(x, state, weights)
  const [y, h, c] = lstmKernel({ x, ...state, ...weights }, { reverse })
  return { y: y as tf.Tensor3D, state: { h: h as tf.Tensor2D, c: c as tf.Tensor2D } }
}

/** → y, last h, last c, and what the gradient of the same engine wants to see again. */
export const lstmKernel = defineKernel<LstmInputs, LstmAttrs>({
  name: 'EspalierLstm',
  compose: composeLstm,
  saves: { inputs: ['x', 'h', 'c', 'weightIh', 'weightHh', 'bias'], outputs: [0, 1, 2, 3, 4] },
  gradient: ([dy, dh, dc], [x, h, c, weightIh, weightHh, bias, y, lastH, lastC, ...reserved], attrs) => {
    const kept = Object.fromEntries(reserved.map((t, k) => [`reserved${k}`, t]))
    const given = { x, h, c, weightIh, weightHh, bias, y, lastH, lastC, dy, dh, dc, ...kept }
    const grads = lstmGradKernel(given as unknown as LstmGradInputs, attrs)
    const names = ['x', 'h', 'c', 'weightIh', 'weightHh', 'bias']
    return Object.fromEntries(names.map((name, i) => [name, () => grads[i]!]))
  },
})

/** → the gradients of x, h, c, weightIh, weightHh, bias. A gradient that no one asks for is a scalar 0. */
export const lstmGradKernel = defineKernel<LstmGradInputs, LstmAttrs>({
  name: 'EspalierLstmGrad',
  compose: composeLstmGrad,
})

function checkLstm(x: tf.Tensor3D, { h, c }: LstmState, { weightIh, weightHh, bias }: LstmWeights): void {
  const op = 'lstm'
  checkRank(op, 'the input', x, 3)
  const [b, t, n] = x.shape
  const [hidden, gates] = weightHh.shape
  if (t === 0) throw shapeError(op, `a sequence needs a step, got [${x.shape}]`)
  const expected = {
    weightHh: [weightHh, [hidden, 4 * hidden]],
    weightIh: [weightIh, [n, gates]],
    bias: [bias, [gates]],
    h: [h, [b, hidden]],
    c: [c, [b, hidden]],
  } as const
  for (const [name, [tensor, shape]] of Object.entries(expected)) {
    if (String(tensor.shape) === String(shape)) continue
    throw shapeError(op, `${name} must be [${shape}] for an input of [${x.shape}], got [${tensor.shape}]`)
  }
}
