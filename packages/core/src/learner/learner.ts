import {
  type DataLoader,
  type DataLoaders,
  describeNumber,
  EspalierError,
  type NdArray,
  Random,
} from '@espalier/data'
import { setupTransforms } from '../batch/tensor-transform.js'
import { exportLearner } from '../bundle/export-learner.js'
import { cardOf } from '../card/card-of.js'
import type { RunCard } from '../card/run-card.js'
import { useEngine } from '../engine/engine.js'
import type { Advice } from '../interpret/advise.js'
import { type InterpretationOf, type InterpretOptions, interpret } from '../interpret/interpret.js'
import type { RunFacts } from '../interpret/next-steps.js'
import { adviseLearner } from '../interpret/run-facts.js'
import { type ShowResultsOptions, showResults } from '../interpret/show-results.js'
import type { LoadReport } from '../io/state-dict.js'
import { defaultLoss } from '../losses/default-loss.js'
import type { Loss } from '../losses/loss.js'
import { asMetric, type Metric } from '../metrics/metric.js'
import type { AnyModule } from '../nn/module.js'
import { adam } from '../optim/alias.js'
import type { HyperValue } from '../optim/hypers.js'
import type { Optimizer } from '../optim/optimizer.js'
import type { Figure } from '../report/figure.js'
import type { Callback } from './callback.js'
import { checkLearner } from './check-learner.js'
import { createOpt } from './create-opt.js'
import { type Estimate, type EstimateOptions, estimate } from './estimate.js'
import type { EventName } from './events.js'
import { type FineTuneOptions, fineTune } from './fine-tune.js'
import { fit } from './fit.js'
import { type FlatCosOptions, fitFlatCos } from './fit-flat-cos.js'
import { fitOneCycle, type Moms, type OneCycleOptions } from './fit-one-cycle.js'
import { fitSgdr, type SgdrOptions } from './fit-sgdr.js'
import { getPreds, type Predictions, type PredsOptions } from './get-preds.js'
import type { FitOptions, LearnerOptions, Scope } from './learner-options.js'
import { type LrFindOptions, type LrFound, lrFind } from './lr-find.js'
import type { SuggestFunc } from './lr-suggest.js'
import { nanGuard } from './nan-guard.js'
import { type Predicted, type PredictOptions, predict, predictBatch } from './predict.js'
import { type PredsBatch, predsOf } from './preds-of.js'
import { progress } from './progress.js'
import { Recorder } from './recorder.js'
import type { RunState } from './run-state.js'
import { type LoadModelOptions, loadModel, type SaveOptions, saveModel } from './save.js'
import { showTrainingLoop } from './show-training-loop.js'
import { summary } from './summary.js'
import { trainEval } from './train-eval.js'
import { type TtaOptions, type TtaPredictions, tta } from './tta.js'
import { Usage } from './usage.js'
import { type Measured, type ValidateOptions, validate } from './validate.js'

/**
 * Data, model and loss together, and all that can be done with them (fastai's `Learner`). It owns the model and the
 * optimizer: dispose it, or declare it with `using`, to give their memory back.
 *
 * @example
 * using learn = new Learner(dls, model, { metrics: [accuracy] })
 * await learn.fitOneCycle(3, 1e-2)
 */
export class Learner<M extends AnyModule = AnyModule, P = unknown> implements Disposable {
  readonly lossFunc: Loss
  readonly lr: HyperValue
  readonly moms: Moms
  readonly metrics: readonly Metric[]
  readonly run: RunState
  /** Who uses it now: what is begun meanwhile waits. */
  readonly usage = new Usage()
  recorder: Recorder
  #cbs: readonly Callback[]
  #opt: Optimizer | undefined
  #frozenIdx = 0
  /** The callbacks in the order they run, and which ones these were. */
  #inOrder: ReturnType<typeof inOrder> | undefined
  /** The loaders whose transforms have seen a batch. */
  #setUp: object | undefined

  constructor(
    /** May be replaced between fits by loaders of the same classes, such as those of larger pictures. */
    public dls: DataLoaders<readonly NdArray[], P, unknown>,
    readonly model: M,
    readonly options: LearnerOptions<M> = {},
  ) {
    checkLearner(dls, model, options)
    const { lossFunc, lr = 1e-3, moms = [0.95, 0.85, 0.95], metrics = [], cbs = [], verbose = true } = options
    this.lossFunc = lossFunc ?? defaultLoss(dls.target?.loss ?? 'crossEntropy', dls.target)
    this.lr = lr
    this.moms = moms
    this.metrics = metrics.map(asMetric)
    this.run = { seed: options.seed ?? dls.train.options.seed, step: 0, epoch: 0, fit: 0 }
    new Random(this.run.seed, 'order') // Says what is wrong with a seed.
    this.recorder = new Recorder(this.metrics)
    this.#cbs = [trainEval, nanGuard, ...(verbose ? [progress()] : []), ...cbs]
  }

  /** The optimizer, made when first needed. */
  get opt(): Optimizer {
    this.usage.alive()
    if (!this.#opt) {
      this.#opt = createOpt(this, this.options.optFunc ?? adam())
      this.#opt.freezeTo(this.#frozenIdx)
    }
    return this.#opt
  }

  /** The callbacks that listen to an event (or all), in the order they run. */
  orderedCbs(event?: EventName): readonly Callback[] {
    const { cbs, recorder } = this.#inOrder ?? {}
    if (cbs !== this.#cbs || recorder !== this.recorder) this.#inOrder = inOrder(this.#cbs, this.recorder)
    const { all } = this.#inOrder!
    return event ? all.filter((cb) => typeof cb[event] === 'function') : all
  }

  /** Trains for `nEpoch` epochs at a constant rate, or as the callbacks have it. */
  fit(nEpoch: number, lr?: HyperValue, options?: FitOptions): Promise<void> {
    return this.usage.hold('a fit', () => fit(this, nEpoch, lr, options))
  }

  fitOneCycle(nEpoch: number, lrMax?: HyperValue, options?: OneCycleOptions): Promise<void> {
    return fitOneCycle(this, nEpoch, lrMax, options)
  }

  /** Trains at a flat rate that falls at the end. */
  fitFlatCos(nEpoch: number, lr?: HyperValue, options?: FlatCosOptions): Promise<void> {
    return fitFlatCos(this, nEpoch, lr, options)
  }

  /** Trains in cycles of `cycleLen`, 2·`cycleLen`, 4·`cycleLen` … epochs, in each of which the rate falls to 0. */
  fitSgdr(nCycles: number, cycleLen: number, lrMax?: HyperValue, options?: SgdrOptions): Promise<void> {
    return fitSgdr(this, nCycles, cycleLen, lrMax, options)
  }

  fineTune(epochs: number, baseLr?: HyperValue, options?: FineTuneOptions): Promise<void> {
    return fineTune(this, epochs, baseLr, options)
  }

  lrFind<S extends Readonly<Record<string, SuggestFunc>> = { valley: SuggestFunc }>(
    options?: LrFindOptions<S>,
  ): Promise<LrFound<S>> {
    return lrFind(this, options)
  }

  /** Trains only the groups from `n` on, and the norm layers of the others; the optimizer begins anew. */
  freezeTo(n: number): void {
    this.usage.free('freezeTo')
    if (!Number.isInteger(n)) {
      throw new EspalierError(
        'learner/freeze',
        `freezeTo takes the number of a group, got ${describeNumber(n)}`,
        {
          fix: `groups are 0 … ${this.opt.groups.length - 1}; -1 is the last one`,
        },
      )
    }
    this.opt.freezeTo(n)
    this.opt.clearState()
  }

  /** Trains only the last group. */
  freeze(): void {
    this.freezeTo(-1)
  }

  /** Trains everything. */
  unfreeze(): void {
    this.freezeTo(0)
  }

  /** Loss and metrics on the validation set, or on another loader. */
  validate(given?: DataLoader | ValidateOptions): Promise<Measured> {
    return this.usage.hold('a validation', () => validate(this, given), { reads: true })
  }

  /** Activated predictions of every item of the validation set, or of another loader: see {@link getPreds}. */
  getPreds<const O extends PredsOptions = PredsOptions>(options?: O): Promise<Predictions<O>> {
    return getPreds(this, options)
  }

  /** The same a batch at a time, for what does not fit into memory: see {@link predsOf}. */
  predsOf<const O extends PredsOptions = PredsOptions>(
    options?: O,
  ): AsyncGenerator<PredsBatch<O>, void, undefined> {
    return predsOf(this, options)
  }

  /** The prediction for one item, by name and in numbers; `withInput` gives it beside the item as the model saw it. */
  predict<const O extends PredictOptions = PredictOptions>(
    item: unknown,
    options?: O,
  ): Promise<Predicted<P, O>> {
    return predict<P, O>(this, item, options)
  }

  predictBatch<const O extends PredictOptions = PredictOptions>(
    items: readonly unknown[],
    options?: O,
  ): Promise<Predicted<P, O>[]> {
    return predictBatch<P, O>(this, items, options)
  }

  /** Predictions averaged over items as the training transforms alter them: see {@link tta}. */
  tta<const O extends TtaOptions = TtaOptions>(options?: O): Promise<TtaPredictions<O>> {
    return tta(this, options)
  }

  /** Predictions for a few validation samples beside the truth. */
  showResults(options?: ShowResultsOptions): Figure {
    return showResults(this, options)
  }

  /** What the model gets wrong on the validation set, or on another loader. */
  interpret(given?: DataLoader | InterpretOptions): Promise<InterpretationOf<P>> {
    return interpret<P>(this, given)
  }

  /** Where the run stands between under- and over-fitting, from its curves, and what to try next: see {@link advise}. */
  advise(given?: RunFacts): Advice {
    return adviseLearner(this, given)
  }

  /** A table of the layers with their output shapes and numbers of weights, for a batch of the training set. */
  summary(): Promise<string> {
    return summary(this)
  }

  /** The training loop with the callbacks that hear each event, to be printed. */
  showTrainingLoop(): string {
    return showTrainingLoop(this)
  }

  /** Writes weights and optimizer into a safetensors file, at once or not at all; returns its path. */
  save(file: string, options?: SaveOptions): Promise<string> {
    return this.usage.hold('a save', () => saveModel(this, file, options), { reads: true })
  }

  /** Takes weights, and what the optimizer remembered, from a file that {@link save} or torch wrote. */
  load(file: string, options?: LoadModelOptions): Promise<LoadReport> {
    return this.usage.hold('a load', () => loadModel(this, file, options))
  }

  /** Predicts time and memory of an epoch from a few steps, which leave no trace: see {@link estimate}. */
  estimate(options?: EstimateOptions): Promise<Estimate> {
    return this.usage.hold('an estimate', () => estimate(this, options))
  }

  /** All that the run was so far, as data: configuration, curves, a digest of the weights, and where it took place. */
  card(): Promise<RunCard> {
    return this.usage.hold('a run card', () => cardOf(this), { reads: true })
  }

  /** Writes what prediction needs into a folder: see {@link exportLearner}. */
  export(path: string): Promise<void> {
    return this.usage.hold('an export', () => exportLearner(this, path), { reads: true })
  }

  /** Forgets the optimizer: the next fit makes a new one; what is frozen stays so. */
  resetOpt(): void {
    this.#frozenIdx = this.#opt?.frozenIdx ?? this.#frozenIdx
    this.#opt?.[Symbol.dispose]()
    this.#opt = undefined
  }

  /** Chooses the engine, and lets the transforms that need it see a batch. Every fit and prediction begins with it. */
  async prepare(): Promise<void> {
    this.usage.alive()
    await useEngine()
    if (this.#setUp === this.dls) return
    const { batchTfms } = this.dls.train.options
    const hasItems = this.dls.train.dataset.length > 0
    if (hasItems && batchTfms.some((t) => 'setup' in t)) setupTransforms(await this.dls.oneBatch(), batchTfms)
    this.#setUp = this.dls
  }

  /** Runs something with other callbacks or another recorder, and puts the usual ones back. */
  async with<T>(
    { cbs = [], without = [], recorder = this.recorder, quiet }: Scope,
    run: () => Promise<T>,
  ): Promise<T> {
    const before = [this.#cbs, this.recorder] as const
    const kept = this.#cbs.filter((cb) => !without.includes(cb) && !(quiet && cb.name === 'progress'))
    this.#cbs = [...kept, ...cbs]
    this.recorder = recorder
    try {
      return await run()
    } finally {
      ;[this.#cbs, this.recorder] = before
    }
  }

  [Symbol.dispose](): void {
    this.resetOpt()
    this.model[Symbol.dispose]()
    this.usage.dispose()
  }
}

function inOrder(cbs: readonly Callback[], recorder: Recorder) {
  const all = [...cbs, recorder as Callback].sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
  return { cbs, recorder, all }
}
