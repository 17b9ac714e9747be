import type { Portable } from '@espalier/data'
import type { CheckpointOptions, Resume } from '../checkpoint/options.js'
import type { Loss } from '../losses/loss.js'
import type { Metric, MetricFunc } from '../metrics/metric.js'
import type { AnyModule } from '../nn/module.js'
import type { HyperValue } from '../optim/hypers.js'
import type { OptFunc, ParamGroups } from '../optim/optimizer.js'
import type { Callback } from './callback.js'
import type { Moms } from './fit-one-cycle.js'
import type { Recorder } from './recorder.js'

/** What a learner is made of besides data and model, with fastai's defaults. */
export interface LearnerOptions<M extends AnyModule = AnyModule> {
  /** Default: what the target of the data asks for. */
  readonly lossFunc?: Loss
  /** Default {@link adam}. */
  readonly optFunc?: OptFunc
  /** Default 1e-3. */
  readonly lr?: HyperValue
  readonly cbs?: readonly Callback[]
  readonly metrics?: readonly (Metric | MetricFunc)[]
  /** Weight decay; default: the optimizer's own. */
  readonly wd?: HyperValue
  /** Also decays norm layers and biases. Default false. */
  readonly wdBnBias?: boolean
  /** Norm layers train even where their group is frozen. Default true. */
  readonly trainBn?: boolean
  /** Momentum of one-cycle fits. Default [0.95, 0.85, 0.95]. */
  readonly moms?: Moms
  /** Governs order, augmentation and dropout. Default: the data loaders' seed. */
  readonly seed?: number
  /** False: no progress bar and no table. */
  readonly verbose?: boolean
  /** A file that the run card is written into whenever a fit ends, however it ended. */
  readonly card?: string
  /** How the model is made again when an exported learner is loaded. Default: as the model says itself. */
  readonly portable?: Portable
  /** Divides the parameters into groups, first layers first. Default: one group. */
  splitter?(model: M): ParamGroups
}

/** Their names, for whoever takes options of a learner among others; the compiler sees to it that none is left out. */
export const learnerOptionNames = Object.keys({
  lossFunc: true,
  optFunc: true,
  lr: true,
  cbs: true,
  metrics: true,
  wd: true,
  wdBnBias: true,
  trainBn: true,
  moms: true,
  seed: true,
  verbose: true,
  card: true,
  portable: true,
  splitter: true,
} satisfies { readonly [name in keyof Required<LearnerOptions>]: true })

/** What one fit does differently. */
export interface FitOptions {
  readonly wd?: HyperValue
  /** Callbacks for this fit only. */
  readonly cbs?: readonly Callback[]
  /** Begins with a fresh optimizer. */
  readonly resetOpt?: boolean
  /** Passes over the epochs before this one; schedules are then where they would be in it. Default 0. */
  readonly startEpoch?: number
  /** What the fit is called in events and run cards. Default: the name of the method. */
  readonly phase?: string
  /** Writes the run into a folder as it goes, so that it cannot be lost. */
  readonly checkpoint?: CheckpointOptions
  /** Goes on with the run in the folder: fits that were over are passed over, one that was cut goes on exactly. */
  readonly resume?: Resume
}

/** What {@link Learner.with} changes for a while. */
export interface Scope {
  readonly cbs?: readonly Callback[]
  readonly without?: readonly Callback[]
  readonly recorder?: Recorder
  /** No progress bar and no table. */
  readonly quiet?: boolean
}
