import { describe, EspalierError, type Json } from '@espalier/data'
import type { FitState } from '../learner/events.js'
import type { Learner } from '../learner/learner.js'
import { weightsPath } from '../learner/save.js'
import { isTrial } from '../log/is-trial.js'
import type { Saved } from '../nn/saved.js'
import { platform } from '../platform.js'
import { checkOption } from './check-options.js'
import { tell } from './tell.js'
import { Tracker, type TrackerOptions } from './tracker-callback.js'

/** When the model is saved, and where. */
export interface SaveModelOptions extends TrackerOptions {
  /** The path of the file, as `learn.save` takes it. Default `model`. */
  readonly fname?: string
  /** Saves `<fname>_<epoch>` after each epoch, or after each n-th, whatever it measured. */
  readonly everyEpoch?: boolean | number
  /** Saves once, after the last epoch. */
  readonly atEnd?: boolean
  /** Also what the optimizer remembers. Default false. */
  readonly withOpt?: boolean
}

/** Saves a model while it is trained. */
export class SaveModel extends Tracker {
  override readonly name = 'saveModel'
  override readonly order = 61
  readonly fname: string
  readonly every: number
  readonly atEnd: boolean
  readonly withOpt: boolean
  /** The file that was saved last. */
  lastSaved: string | undefined
  /** Whether it holds the best of what this tracker watches. */
  #hasBest = false

  constructor(options: SaveModelOptions) {
    const { fname = 'model', everyEpoch = false, atEnd = false, withOpt = false, ...rest } = options
    super('saveModel', rest)
    weightsPath('saveModel', fname)
    const every = Number(everyEpoch)
    if (everyEpoch !== false && everyEpoch !== true) {
      checkOption('saveModel', 'everyEpoch', everyEpoch, { from: 1, whole: true })
    }
    if (every > 0 && atEnd) {
      throw new EspalierError(
        'callback/option',
        `saveModel: everyEpoch and atEnd exclude each other, got ${describe(everyEpoch)} and true`,
        { fix: 'leave out one of them, or give two callbacks with a fname each' },
      )
    }
    this.fname = fname
    this.every = every
    this.atEnd = atEnd
    this.withOpt = withOpt
  }

  override beforeFit(s: FitState): void {
    if (this.every || this.atEnd) this.run = !isTrial(s.learn)
    else super.beforeFit(s)
    if (!this.run) return
    platform() // Better now than after an epoch.
    if (this.resetOnFit) this.#hasBest = false
  }

  override async afterEpoch(s: FitState): Promise<void> {
    const { learn, epoch } = s
    if (this.atEnd) return
    if (this.every) {
      if (epoch % this.every === 0) await this.#save(learn, numbered(this.fname, epoch))
      return
    }
    super.afterEpoch(s)
    if (!this.newBest) return
    tell(learn, `Better model found at epoch ${epoch} with ${this.monitor} value: ${this.best}.`)
    await this.#save(learn, this.fname)
    this.#hasBest = true
  }

  /** The best model is what a fit leaves behind; a file that this fit has not written is not taken for it. */
  async afterFit({ learn }: FitState): Promise<void> {
    if (this.atEnd) await this.#save(learn, this.fname)
    else if (this.#hasBest) await learn.load(this.fname, { withOpt: this.withOpt })
    else if (!this.every) tell(learn, `${this.monitor} never improved: the model is that of the last epoch`)
  }

  async #save(learn: Learner, fname: string): Promise<void> {
    this.lastSaved = await learn.save(fname, { withOpt: this.withOpt })
  }

  override describeRun(): Json {
    const { every, atEnd, withOpt } = this
    return { ...(super.describeRun() as object), every, atEnd, withOpt }
  }

  override saveState(): Saved {
    const own = { lastSaved: this.lastSaved ?? null, hasBest: this.#hasBest }
    return { data: { ...(super.saveState().data as object), ...own } }
  }

  override loadState(saved: Saved): void {
    super.loadState(saved)
    const { lastSaved, hasBest } = saved.data as {
      readonly lastSaved: string | null
      readonly hasBest: boolean
    }
    this.lastSaved = lastSaved ?? undefined
    this.#hasBest = hasBest
  }
}

/** `runs/model.safetensors`, 3 → `runs/model_3.safetensors`. */
function numbered(fname: string, epoch: number): string {
  return fname.replace(/(\.safetensors)?$/, `_${epoch}$1`)
}

/**
 * Saves the model whenever a column of the table improves, and loads the best one when the fit is over (fastai's
 * `SaveModelCallback`). Where nothing improved, nothing is loaded: a file of an earlier run is left alone.
 *
 * @example
 * await learn.fitOneCycle(10, 1e-3, { cbs: [saveModel({ monitor: 'accuracy', fname: 'runs/best' })] })
 */
export function saveModel(options: SaveModelOptions = {}): SaveModel {
  return new SaveModel(options)
}
