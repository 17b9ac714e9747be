import { describe, EspalierError, reasonOf } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { Cancel } from './cancel.js'
import { emitSync } from './emit.js'
import type { LoopVariables } from './loop.js'

/** Prediction and, where there are targets, loss. */
export function forward(s: LoopVariables): void {
  score(s)
  hearLoss(s)
}

/** What the model gives for a batch, and what the loss makes of it. */
export function score(s: LoopVariables): void {
  const { learn } = s
  s.pred = explained(
    () =>
      `the model (${learn.model.kind}) cannot take a batch of ${s.x.map((x) => `[${x.shape}]`).join(' and ')}`,
    () => learn.model.forward(...(s.x as never[])) as tf.Tensor,
    'compare the shape with what the layers expect: nIn is the number of channels, resize the size',
  )
  emitSync(s, 'afterPred')
  if (s.y.length === 0) return
  s.lossGrad = scalar(
    explained(
      () =>
        `the loss failed on predictions [${s.pred.shape}] and targets ${s.y.map((y) => `[${y.shape}]`).join(', ')}`,
      () => s.lossFunc(s.pred, ...s.y),
      'the model must give what the loss compares with these targets: for classes [b, classes]',
    ),
  )
}

/** Reads the loss, and says that it is known. */
export function hearLoss(s: LoopVariables): void {
  if (s.y.length === 0) return
  s.loss = s.lossGrad.dataSync()[0]!
  emitSync(s, 'afterLoss')
}

function scalar(loss: tf.Tensor): tf.Tensor {
  if (loss instanceof tf.Tensor && loss.size === 1) return loss
  const other: unknown = loss
  const got = other instanceof tf.Tensor ? `[${other.shape}]` : describe(other)
  throw new EspalierError('loss/shape', `the loss function returned ${got}, expected a scalar`, {
    fix:
      typeof other === 'function'
        ? 'call it: lossFunc: mseLossFlat()'
        : other instanceof Promise
          ? 'make it a plain function: it runs inside the step'
          : 'end it with tf.mean or tf.sum',
  })
}

/** Errors of users' own functions, and of the engine, are told what was being done. */
export function explained<T>(what: () => string, run: () => T, fix?: string): T {
  try {
    return run()
  } catch (error) {
    const readable = error instanceof EspalierError
    if (error instanceof Cancel || (readable && (error.code !== 'shape' || !fix))) throw error
    throw new EspalierError(readable ? error.code : 'train/failed', `${what()}: ${reasonOf(error)}`, {
      ...(fix !== undefined && { fix }),
      cause: error,
    })
  }
}
