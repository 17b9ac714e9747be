import { type Batch, type DataLoader, EspalierError } from '@espalier/data'
import { batchTensors } from '../batch/tensor-transform.js'
import { record } from '../engine/tape.js'
import * as tf from '../engine/tf.js'
import { setDropoutPlace } from '../nn/dropout.js'
import { emitSync, part, partSync } from './emit.js'
import type { GradState } from './events.js'
import type { Learner } from './learner.js'

/** The state of a fit as the loop fills it in; events see the part of it that is known by then. */
export type LoopVariables = { -readonly [K in keyof GradState]: GradState[K] }

/** The whole loop: trains and validates for `nEpoch` epochs, firing its events (fastai's `Learner.fit`). */
export async function runFit(learn: Learner, nEpoch: number): Promise<void> {
  const s = { learn, nEpoch, training: false } as LoopVariables
  try {
    await part(s, 'Fit', async () => {
      for (let epoch = 0; epoch < nEpoch; epoch++) {
        s.epoch = epoch
        await part(s, 'Epoch', async () => {
          await part(s, 'Train', () => runBatches(s, learn.dls.train, learn.run.epoch++))
          if (learn.dls.valid.length > 0) await part(s, 'Validate', () => runBatches(s, learn.dls.valid))
        })
      }
    })
  } catch (error) {
    await release(learn).catch(() => {}) // What ended the fit is the error to tell.
    throw error
  }
  await release(learn)
}

/** Lets every callback give back what it holds, also when another one cannot. */
async function release(learn: Learner): Promise<void> {
  const ends = await Promise.allSettled(learn.orderedCbs().map(async (cb) => cb.release?.()))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** Every batch of a loader, in training or not as `trainEval` has set it. */
export async function runBatches(s: LoopVariables, dl: DataLoader, epoch = 0): Promise<void> {
  s.dl = dl
  s.nIter = dl.length
  let iter = 0
  for await (const batch of dl.batches(epoch)) {
    s.iter = iter++
    runBatch(s, batch)
    await turn()
  }
}

/** One batch, in a scope of its own: whatever happens, what it allocated is given back. */
function runBatch(s: LoopVariables, batch: Batch): void {
  tf.tidy(() => {
    const tensors = batchTensors(batch, s.dl.options.batchTfms)
    s.batch = batch
    s.x = tensors.slice(0, batch.nInp)
    s.y = tensors.slice(batch.nInp)
    // What the batch before left is gone; where this one is cancelled, nothing takes its place.
    Object.assign(s, { pred: undefined, loss: undefined, lossGrad: undefined, grads: new Map() })
    partSync(s, 'Batch', () => {
      if (s.training) trainStep(s)
      else forward(s)
    })
  })
}

/** Forward, backward, step. */
function trainStep(s: LoopVariables): void {
  const { learn } = s
  setDropoutPlace(learn.run.seed, learn.run.step++)
  using tape = record(() => {
    forward(s)
    return { pred: s.pred, loss: s.lossGrad }
  }).tape
  if (s.y.length === 0) return
  partSync(s, 'Backward', () => {
    const params = learn.opt.trainable
    const grads = tape.backward(s.lossGrad, params)
    s.grads = new Map(params.flatMap((p, i) => (grads[i] ? [[p, grads[i]]] : [])))
  })
  partSync(s, 'Step', () => learn.opt.step(s.grads))
}

/** Prediction and, where there are targets, loss. */
function forward(s: LoopVariables): void {
  const { learn } = s
  s.pred = learn.model.forward(...(s.x as never[])) as tf.Tensor
  emitSync(s, 'afterPred')
  if (s.y.length === 0) return
  s.lossGrad = scalar(learn.lossFunc(s.pred, ...s.y))
  s.loss = s.lossGrad.dataSync()[0]!
  emitSync(s, 'afterLoss')
}

function scalar(loss: tf.Tensor): tf.Tensor {
  if (loss instanceof tf.Tensor && loss.size === 1) return loss
  const got = loss instanceof tf.Tensor ? `[${loss.shape}]` : typeof loss
  throw new EspalierError('loss/shape', `the loss function returned ${got}, expected a scalar`, {
    fix: 'end it with tf.mean or tf.sum',
  })
}

/** Lets the event loop take a turn: images that were decoded meanwhile are picked up. */
function turn(): Promise<void> {
  return new Promise((resolve) =>
    typeof setImmediate === 'function' ? setImmediate(resolve) : setTimeout(resolve, 0),
  )
}
