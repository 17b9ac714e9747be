import { crossEntropyLossFlat, type tf } from '@espalier/core'
import { type Arch, resnet18, resnet34, visionLearner } from '@espalier/vision'
import { summarizeSteps } from '../statistics.js'
import { randomImages } from './random-images.js'
import { StepTimer } from './step-timer.js'
import type { Found } from './work.js'

/** Which network, and on what. */
export interface ResnetOptions {
  readonly arch: 'resnet18' | 'resnet34'
  readonly bs: number
  readonly size: number
  /** The body is frozen; its norm layers train all the same. */
  readonly frozen: boolean
}

const archs: Readonly<Record<ResnetOptions['arch'], Arch>> = { resnet18, resnet34 }
const classes = 37
const warmup = 2
const steps = 6

/** Training steps of a network with a new head, untrained: cross-entropy, Adam, a constant rate. */
export async function resnetStep({ arch, bs, size, frozen }: ResnetOptions): Promise<Found> {
  const dls = await randomImages({ bs, size, classes, batches: warmup + steps })
  const timer = new StepTimer()
  using learn = await visionLearner(dls, archs[arch], {
    pretrained: false,
    lossFunc: crossEntropyLossFlat(),
    verbose: false,
    cbs: [timer],
    seed: 42,
  })
  if (frozen) learn.freeze()
  await learn.fit(1, 1e-3)
  return {
    ...summarizeSteps(timer.steps, warmup, bs),
    items: 'images',
    first_step_s: timer.first,
    n_params: count(learn.model.parameters()),
    n_trainable: count(learn.opt.trainable),
    ...losses(learn.recorder.rawLosses),
  }
}

const count = (params: readonly tf.Variable[]) => params.reduce((n, p) => n + p.size, 0)

const losses = (all: readonly number[]) => ({ first_loss: all[0], last_train_loss: all.at(-1) })
