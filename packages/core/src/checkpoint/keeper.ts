import { EspalierError, reasonOf } from '@espalier/data'
import type { FitState } from '../learner/events.js'
import type { FitPlan } from '../learner/fit-plan.js'
import type { Learner } from '../learner/learner.js'
import type { LoopVariables } from '../learner/loop.js'
import { platform } from '../platform.js'
import { Arena } from './arena.js'
import { type Captured, capture } from './capture.js'
import type { Folder } from './folder.js'
import type { Identity } from './identity.js'
import type { CheckpointOptions } from './options.js'
import { bytesOf, type Packed, pack } from './pack.js'
import { runWeights } from './param-names.js'
import type { Position } from './position.js'
import type { ReadGeneration } from './read-generation.js'
import { restore } from './restore.js'

/** What a keeper knows of its fit. */
export interface KeeperOptions {
  readonly plan: FitPlan
  readonly every: Pick<CheckpointOptions, 'everySteps' | 'everySeconds'>
  readonly identity: Identity
  readonly allowed: readonly string[]
  /** The state that the fit goes on from. */
  readonly found?: ReadGeneration | undefined
}

/**
 * Writes a fit down while it runs. The loop tells it where it is; between two steps it copies the state, and the file
 * system takes it while the next steps run.
 */
export class Keeper {
  /** Where the fit goes on. */
  readonly from: Position | undefined
  /** Set by a signal: the fit ends at the next step. */
  stopping = false
  readonly #fit: number
  readonly #arena = new Arena()
  #since = 0
  #at = platform().now()
  #writing: Promise<void> | undefined
  /** The state before a validation, in which a signal may come. */
  #before: Captured | undefined

  constructor(
    readonly learn: Learner,
    readonly folder: Folder,
    readonly options: KeeperOptions,
  ) {
    this.#fit = learn.run.fit
    this.from = options.found?.file.position
    this.#arena.reserve(expectedBytes(learn))
  }

  /** Puts the learner where the fit was; the loop calls it once it has got there. */
  restore(s: LoopVariables): void {
    const { found } = this.options
    if (!found) return
    const { trainIter, pctTrain } = found.file.position
    restore(this.learn, found)
    Object.assign(s, { trainIter, pctTrain })
  }

  /** After a training step. */
  async stepped(s: FitState, at: Pick<Position, 'iter' | 'next' | 'nIter'>): Promise<void> {
    this.#since++
    if (this.stopping) return this.#stop(this.#capture(s, { phase: 'train', epoch: s.epoch, ...at }))
    if (this.#due()) this.#write(this.#capture(s, { phase: 'train', epoch: s.epoch, ...at }))
  }

  /** After the training of an epoch. */
  async trained(s: FitState): Promise<void> {
    this.#before?.[Symbol.dispose]()
    this.#before = this.#capture(s, { phase: 'validate', epoch: s.epoch, iter: 0, next: 0 })
    await this.walked()
  }

  /** Between batches of a validation. */
  async walked(): Promise<void> {
    if (this.stopping && this.#before) return this.#stop(this.#take())
  }

  /** After an epoch and its validation. */
  async epochEnded(s: FitState): Promise<void> {
    this.#before?.[Symbol.dispose]()
    this.#before = undefined
    const state = () => this.#capture(s, { phase: 'epoch', epoch: s.epoch + 1, iter: 0, next: 0 })
    if (this.stopping) return this.#stop(state())
    if (this.#due(true)) this.#write(state())
  }

  /** After the fit: its end is written down before it is reported. */
  async ended(s: FitState): Promise<void> {
    await this.#writing
    const position = { phase: 'epoch', epoch: s.nEpoch, iter: 0, next: 0 } as const
    await this.#commit(this.#capture(s, position, true))
  }

  /** Waits for what is being written, and lets go of what is held. */
  async close(): Promise<void> {
    this.#before?.[Symbol.dispose]()
    this.#before = undefined
    await this.#writing
  }

  /** Whether a state is to be written now; at the end of each epoch where nothing was said. */
  #due(epochEnds = false): boolean {
    const { everySteps, everySeconds } = this.options.every
    if (this.#writing) return false // The disk is slower than asked for: it is not asked for more.
    if (everySteps === undefined && everySeconds === undefined) return epochEnds
    if (everySteps !== undefined && this.#since >= everySteps) return true
    return everySeconds !== undefined && platform().now() - this.#at >= everySeconds * 1000
  }

  #capture(
    { trainIter, pctTrain }: FitState,
    at: Omit<Position, 'trainIter' | 'pctTrain'>,
    done = false,
  ): Captured {
    const { identity, allowed } = this.options
    return capture(this.learn, {
      fit: this.#fit,
      done,
      position: { ...at, trainIter: trainIter ?? 0, pctTrain: pctTrain ?? 0 },
      identity,
      allowed,
    })
  }

  #take(): Captured {
    const held = this.#before!
    this.#before = undefined
    return held
  }

  /** Writes beside the next steps. What fails is told, and tried again when it is next due. */
  #write(state: Captured): void {
    this.#since = 0
    this.#at = platform().now()
    this.#writing = this.#commit(state)
      .catch((error) => {
        if (error instanceof EspalierError && error.code === 'checkpoint/locked') this.stopping = true
        platform().write(`checkpoint not written: ${reasonOf(error)}\n`)
      })
      .finally(() => {
        this.#writing = undefined
      })
  }

  async #commit(captured: Captured): Promise<void> {
    await this.folder.write(this.#packed(captured))
  }

  /** The bytes of a state, which is let go: held any longer, the next step would have to spare its numbers. */
  #packed(captured: Captured): Packed {
    using state = captured
    return pack(state, this.#arena)
  }

  async #stop(state: Captured): Promise<never> {
    await this.#writing
    await this.#commit(state)
    throw new Interrupted()
  }
}

/** A run that a signal ended, after its state was written down. */
export class Interrupted extends Error {
  override readonly name: string = 'Interrupted'
}

/** What the state of a learner will take once its optimizer has begun. */
function expectedBytes(learn: Learner): number {
  const { opt } = learn
  const slots = new Set(opt.steps.flatMap((step) => step.slots ?? [])).size
  return bytesOf([...runWeights(learn).values()]) + slots * bytesOf(opt.trainable)
}
