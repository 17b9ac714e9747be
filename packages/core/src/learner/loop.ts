import { type Batch, type DataLoader, EspalierError, listed } from '@espalier/data'
import { batchTensors } from '../batch/tensor-transform.js'
import type { Keeper } from '../checkpoint/keeper.js'
import type { Position } from '../checkpoint/position.js'
import * as tf from '../engine/tf.js'
import { setDropoutPlace } from '../nn/next-drops.js'
import { Cancel } from './cancel.js'
import { part, partSync } from './emit.js'
import type { GradState } from './events.js'
import type { FitPlan } from './fit-plan.js'
import { explained, forward } from './forward.js'
import type { Learner } from './learner.js'
import { computedPasses } from './passes.js'
import { RepeatedSteps } from './repeated-steps.js'
import { changingOf, holdStatistics } from './statistics.js'

/** The state of a fit as the loop fills it in; events see the part of it that is known by then. */
export type LoopVariables = { -readonly [K in keyof GradState]: GradState[K] } & {
  /** While epochs run. */
  repeated?: RepeatedSteps | undefined
}

/** The whole loop: trains and validates for some epochs, firing its events (fastai's `Learner.fit`). */
export async function runFit(learn: Learner, { name, nEpoch, keeper }: FitPlan): Promise<void> {
  const s = { learn, phase: name, nEpoch, training: false } as LoopVariables
  try {
    await part(s, 'Fit', () => runEpochs(s, keeper))
    learn.run.fit++
    await keeper?.ended(s)
  } catch (error) {
    await release(learn).catch(() => {}) // What ended the fit is the error to tell.
    throw error
  }
  await release(learn)
}

/** The epochs of a fit, from where it goes on. */
async function runEpochs(s: LoopVariables, keeper: Keeper | undefined): Promise<void> {
  const { learn, nEpoch } = s
  const { from } = keeper ?? {}
  if (from?.phase === 'epoch') keeper?.restore(s)
  using repeated = new RepeatedSteps()
  s.repeated = repeated
  for (let epoch = from?.epoch ?? 0; epoch < nEpoch; epoch++) {
    s.epoch = epoch
    const here = from?.epoch === epoch && from.phase !== 'epoch' ? from : undefined
    await part(s, 'Epoch', async () => {
      if (here?.phase === 'validate') keeper?.restore(s)
      else await part(s, 'Train', () => trainEpoch(s, keeper, here))
      await keeper?.trained(s)
      if (learn.dls.valid.length > 0) {
        await part(s, 'Validate', () => runBatches(s, learn.dls.valid, { after: () => keeper?.walked() }))
      }
    })
    await keeper?.epochEnded(s)
  }
}

/** The training of an epoch, or what is left of it. */
async function trainEpoch(
  s: LoopVariables,
  keeper: Keeper | undefined,
  from: Position | undefined,
): Promise<void> {
  const { learn } = s
  if (from) keeper?.restore(s)
  else learn.run.epoch++
  s.repeated?.begin(learn.model)
  await runBatches(s, learn.dls.train, {
    epoch: learn.run.epoch - 1,
    iter: from?.iter ?? 0,
    next: from?.next ?? 0,
    nIter: from?.nIter,
    after: ({ next }) => keeper?.stepped(s, { iter: s.iter + 1, next, nIter: s.nIter }),
  })
}

/** Lets every callback give back what it holds, also when another one cannot. */
async function release(learn: Learner): Promise<void> {
  const ends = await Promise.allSettled(learn.orderedCbs().map(async (cb) => cb.release?.()))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** Which batches of a loader are walked, and who is told after each. */
interface Walk {
  readonly epoch?: number
  /** The number of the first batch, and its place in the loader's order. */
  readonly iter?: number
  readonly next?: number
  /** How many batches there are, where that is not what the loader says now. */
  readonly nIter?: number | undefined
  readonly after?: (batch: Batch) => Promise<void> | undefined
}

/** Every batch of a loader, in training or not as `trainEval` has set it. */
export async function runBatches(
  s: LoopVariables,
  dl: DataLoader,
  { epoch = 0, iter = 0, next = 0, nIter = dl.length, after }: Walk = {},
): Promise<void> {
  s.dl = dl
  s.nIter = nIter
  let number = iter
  for await (const batch of dl.batches(epoch, next)) {
    s.learn.usage.alive()
    s.iter = number++
    try {
      runBatch(s, batch)
    } finally {
      s.repeated?.stepped()
    }
    await after?.(batch)
    await turn()
  }
}

/** One batch, in a scope of its own: whatever happens, what it allocated is given back. */
function runBatch(s: LoopVariables, batch: Batch): void {
  tf.tidy(() => {
    const tensors = explained(
      () => `the batch transforms failed on ${listed(batch.indices.map((i) => s.dl.dataset.id(i)))}`,
      () => batchTensors(batch, s.dl.options.batchTfms),
    )
    s.batch = batch
    s.x = tensors.slice(0, batch.nInp)
    s.y = tensors.slice(batch.nInp)
    // What the batch before left is gone; where this one is cancelled, nothing takes its place.
    Object.assign(s, { pred: undefined, loss: undefined, lossGrad: undefined, grads: new Map() })
    s.lossFunc = s.learn.lossFunc
    partSync(s, 'Batch', () => {
      if (s.training) trainStep(s)
      else forward(s)
    })
  })
}

/** Forward, backward, step. */
function trainStep(s: LoopVariables): void {
  const { learn } = s
  const step = learn.run.step++
  using before = holdStatistics(s.repeated?.changing ?? changingOf(learn.model.all()))
  const begin = () => setDropoutPlace(learn.run.seed, step)
  const beginAgain = () => {
    before.restore()
    begin()
  }
  begin()
  using passes = s.repeated?.passes(s, beginAgain) ?? computedPasses(s)
  undoing(before, () => passes.forward())
  if (s.y.length === 0) return
  partSync(s, 'Backward', () => {
    const params = learn.opt.trainable
    const grads = passes.backward(params)
    s.grads = new Map(params.flatMap((p, i) => (grads[i] ? [[p, grads[i]]] : [])))
    if (params.length > 0 && s.grads.size === 0) throw constantLoss()
  })
  partSync(s, 'Step', () => learn.opt.step(s.grads))
}

function constantLoss(): EspalierError {
  return new EspalierError('train/no-gradient', 'the loss does not depend on any weight that trains', {
    fix: 'compute it from the predictions, with operations of tf, and use every part of the model in forward',
  })
}

/** A step that fails leaves no trace in the running statistics; one that was cancelled was meant to be taken. */
function undoing<T>(before: { restore(): void }, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Cancel)) before.restore()
    throw error
  }
}

/** Lets the event loop take a turn: images that were decoded meanwhile are picked up. */
function turn(): Promise<void> {
  return new Promise((resolve) =>
    typeof setImmediate === 'function' ? setImmediate(resolve) : setTimeout(resolve, 0),
  )
}
