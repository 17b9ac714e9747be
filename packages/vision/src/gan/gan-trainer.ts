import {
  type BatchEndState,
  type BatchState,
  type Callback,
  type FitState,
  type Learner,
  type LossState,
  Module,
  type Saved,
  tf,
} from '@espalier/core'
import { describe, EspalierError } from '@espalier/data'
import type { GANLoss } from './gan-loss.js'
import { GANModule } from './gan-module.js'

/** How the parts of a GAN take turns. */
export interface GANTrainerOptions {
  /** The part that waits is as in prediction while the other one trains. Default false. */
  readonly switchEval?: boolean
  /** No weight of the critic is larger, or smaller than its negative. Default: no bound. */
  readonly clip?: number
  /** How slowly the losses are smoothed. Default 0.98. */
  readonly beta?: number
  /** Begins with the generator. Default false. */
  readonly genFirst?: boolean
}

/**
 * Trains one part of a GAN at a time (fastai's `GANTrainer`): the other one rests, whatever its groups. The critic gets
 * the targets of a batch as its input, and the generator's input as what to compare with. Validation and prediction see
 * the generator; as in fastai, the epoch after a validation begins with it.
 */
export class GANTrainer implements Callback {
  readonly name = 'ganTrainer'
  readonly order = 0
  /** The smoothed losses after each step of the one and the other. */
  genLosses: number[] = []
  critLosses: number[] = []
  #averages: readonly [gen: number, crit: number] = [0, 0]
  #learn: Learner | undefined
  /** The fit that it listens to: a callback may validate meanwhile. */
  #fit: FitState | undefined
  #before: boolean | undefined

  constructor(readonly options: GANTrainerOptions = {}) {
    const { clip, beta = 0.98 } = options
    if (clip !== undefined && !(typeof clip === 'number' && clip > 0)) {
      throw new EspalierError('gan/clip', `clip must be a number above 0, got ${describe(clip)}`, {
        fix: 'say clip: 0.01, or leave it out',
      })
    }
    if (beta >= 0 && beta < 1) return
    throw new EspalierError('gan/beta', `beta must be from 0 to below 1, got ${beta}`, {
      fix: 'leave it out for 0.98',
    })
  }

  /** Whether it is the generator's turn. */
  get genMode(): boolean {
    return this.#learn ? ganOf(this.#learn).genMode : (this.options.genFirst ?? false)
  }

  describeRun() {
    const { switchEval = false, clip = null, beta = 0.98, genFirst = false } = this.options
    return { switchEval, clip, beta, genFirst }
  }

  beforeFit(s: FitState): void {
    this.#fit = s
    this.#learn = s.learn
    this.genLosses = []
    this.critLosses = []
    this.#averages = [0, 0]
    this.switch(this.options.genFirst ?? false)
  }

  beforeTrain(): void {
    this.#giveTurn()
  }

  beforeValidate(s: FitState): void {
    this.#before = ganOf(s.learn).genMode
    ganOf(s.learn).switch(true)
  }

  afterValidate(s: FitState): void {
    if (s !== this.#fit && this.#before !== undefined) ganOf(s.learn).switch(this.#before)
  }

  afterCancelValidate(s: FitState): void {
    this.afterValidate(s)
  }

  beforeBatch(s: BatchState): void {
    const { generator, critic, genMode } = ganOf(s.learn)
    const { clip } = this.options
    if (s.training && clip !== undefined) for (const p of critic.parameters()) clamp(p, clip)
    if (s.y.length === 0 || s.x.length === 0) throw unpaired(generator.kind)
    if (!genMode) [s.x, s.y] = [s.y, s.x]
  }

  afterLoss({ learn, loss }: LossState): void {
    const known = learn.lossFunc as GANLoss
    known[ganOf(learn).genMode ? 'gen_loss' : 'crit_loss'] = loss
  }

  afterBatch({ training, loss }: BatchEndState): void {
    if (!training || loss === undefined) return
    const beta = this.options.beta ?? 0.98
    const next = (average: number) => average + (loss - average) * (1 - beta)
    const [gen, crit] = this.#averages
    const [list, average] = this.genMode ? [this.genLosses, next(gen)] : [this.critLosses, next(crit)]
    this.#averages = this.genMode ? [average, crit] : [gen, average]
    list.push(average / (1 - beta ** (list.length + 1)))
  }

  /** Ends the turn of one part and begins that of the other, or of the one that is told. */
  switch(genMode = !this.genMode): void {
    if (!this.#learn) return
    ganOf(this.#learn).switch(genMode)
    this.#giveTurn()
  }

  /** A fit is over: nothing rests any more. */
  release(): void {
    this.#learn?.opt.resting.clear()
    this.#fit = undefined
  }

  saveState(): Saved {
    const { gen_loss = 0, crit_loss = 0 } = (this.#learn?.lossFunc ?? {}) as Partial<GANLoss>
    return {
      data: {
        genMode: this.genMode,
        averages: [...this.#averages],
        genLosses: [...this.genLosses],
        critLosses: [...this.critLosses],
        last: [gen_loss, crit_loss],
      },
    }
  }

  loadState({ data }: Saved): void {
    const { genMode, averages, genLosses, critLosses, last } = data as unknown as Kept
    this.#averages = averages
    this.genLosses = [...genLosses]
    this.critLosses = [...critLosses]
    if (!this.#learn) return
    const loss = this.#learn.lossFunc as GANLoss
    ;[loss.gen_loss, loss.crit_loss] = last
    this.switch(genMode)
  }

  #giveTurn(): void {
    if (!this.#learn) return
    const { generator, critic, genMode, training } = ganOf(this.#learn)
    const [trains, waits] = genMode ? [generator, critic] : [critic, generator]
    const { resting } = this.#learn.opt
    resting.clear()
    for (const p of waits.parameters()) resting.add(p)
    if (!this.options.switchEval || !training) return
    trains.train()
    waits.eval()
  }
}

interface Kept {
  readonly genMode: boolean
  readonly averages: readonly [number, number]
  readonly genLosses: readonly number[]
  readonly critLosses: readonly number[]
  readonly last: readonly [number, number]
}

/** Makes a {@link GANTrainer}. */
export function ganTrainer(options?: GANTrainerOptions): GANTrainer {
  return new GANTrainer(options)
}

/** The trainer of a learner. */
export function trainerOf(learn: Learner): GANTrainer {
  const found = learn.orderedCbs().find((cb): cb is GANTrainer => cb instanceof GANTrainer)
  if (found) return found
  throw new EspalierError(
    'gan/trainer',
    'this learner has no ganTrainer, which gives the parts their turns',
    {
      fix: 'make it with new GANLearner(…), or add cbs: [ganTrainer()]',
    },
  )
}

function ganOf({ model }: Learner): GANModule {
  if (model instanceof GANModule) return model
  const got = (model as unknown) instanceof Module ? model.kind : describe(model)
  throw new EspalierError('gan/model', `a ganTrainer trains a GANModule, this model is a ${got}`, {
    fix: 'say new GANModule(generator, critic), or make a GANLearner',
  })
}

function clamp(p: tf.Variable, clip: number): void {
  tf.tidy(() => p.assign(tf.clipByValue(p, -clip, clip)))
}

function unpaired(kind: string): EspalierError {
  return new EspalierError(
    'gan/targets',
    `these items have no target for the generator (${kind}) to be compared with`,
    {
      fix: 'the input of a GAN is what the generator gets, the target is real: blocks: [noiseBlock(), imageBlock()]',
    },
  )
}
