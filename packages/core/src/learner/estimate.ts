import type { DataLoader } from '@espalier/data'
import { watchPeak } from '../engine/peak-bytes.js'
import * as tf from '../engine/tf.js'
import { cancel } from './cancel.js'
import { checkFit, checkNumber } from './check-fit.js'
import { estimateText } from './estimate-text.js'
import { fit } from './fit.js'
import { holdTraces } from './hold-traces.js'
import type { Learner } from './learner.js'
import type { Scope } from './learner-options.js'
import { nanGuard } from './nan-guard.js'
import { Recorder } from './recorder.js'
import { snapshot } from './snapshot.js'
import { type MeasuredStep, stepMeter } from './step-meter.js'
import { onePass } from './validate.js'

/** How long an estimate may take. */
export interface EstimateOptions {
  /** Seconds of training after the first step; at least two steps are taken. Half of it goes to validation. Default 2. */
  readonly seconds?: number
}

/** What an epoch will take. Printed, it is a sentence. */
export interface Estimate {
  readonly batches: number
  readonly validBatches: number
  /** Training and validation. */
  readonly secondsPerEpoch: number
  /** The validation alone. */
  readonly secondsValid: number
  /** A training step once its batch is there. */
  readonly secondsPerStep: number
  /** Loading a batch for training with nothing else going on. Batches are loaded while steps are taken. */
  readonly secondsPerLoad: number
  /** What the process holds at its highest where that can be told, else what tensors do. */
  readonly peakBytes: number
  /** What tensors hold at the highest point of a step: weights, optimizer, activations, gradients. */
  readonly tensorBytes: number
  toString(): string
}

/**
 * Takes a few steps of training and of validation as the learner is now, and tells what an epoch will take. Everything
 * is put back: weights, optimizer, statistics, random streams, records, callbacks, and the samples found unreadable.
 *
 * @example
 * console.log(`${await learn.estimate()}`)
 * // an epoch takes about 01:12: 104 steps of 640 ms, and 26 batches of validation (6.1 s); at most 1.4 GiB of memory
 */
export async function estimate(learn: Learner, { seconds = 2 }: EstimateOptions = {}): Promise<Estimate> {
  checkFit(learn, 'estimate', 1)
  checkNumber('seconds', seconds, { above: true })
  await learn.prepare()
  const { train, valid } = learn.dls
  const inTensors = tf.memory().numBytes
  using before = snapshot(learn)
  using traces = holdTraces(learn)
  const copied = copies(learn)
  try {
    using watch = watchPeak()
    const training = await measureTraining(learn, seconds)
    await quiet(train)
    const validation = await measureValidation(learn, seconds / 2)
    await quiet(train)
    const load = await timeLoading(train, learn.run.epoch, seconds / 2)
    await quiet(train)
    const again = copied()
    const tensorBytes = inTensors + watch.peak - again
    const resident = Math.max(training.residentBytes, validation?.residentBytes ?? 0)
    const secondsValid = validation ? timeOf(validation.steps, valid.length, valid.options.prefetch) : 0
    const numbers = {
      batches: train.length,
      validBatches: valid.length,
      secondsPerEpoch: timeOf(training.steps, train.length, train.options.prefetch, load) + secondsValid,
      secondsValid,
      secondsPerStep: mean((wholeEpoch(training.steps) ?? later(training.steps)).map((s) => s.step)),
      secondsPerLoad: load,
      peakBytes: Math.max(resident - again, tensorBytes),
      tensorBytes,
    }
    return { ...numbers, toString: () => estimateText(numbers) }
  } finally {
    if (!learn.usage.disposed) {
      before.restore()
      traces.restore()
    }
  }
}

const most = 200

function scope(): Scope & { readonly recorder: Recorder } {
  return { recorder: new Recorder([]), without: [nanGuard], quiet: true }
}

async function measureTraining(learn: Learner, seconds: number) {
  const meter = stepMeter({ seconds, most, part: 'fit' })
  const noValidation = { name: 'estimate only', beforeValidate: () => cancel('validate') }
  const epochs = Math.ceil(most / Math.max(1, learn.dls.train.length)) + 1
  await fit(learn, epochs, undefined, { ...scope(), phase: 'estimate', cbs: [...meter.cbs, noValidation] })
  return meter
}

async function measureValidation(learn: Learner, seconds: number) {
  if (learn.dls.valid.length === 0) return undefined
  const meter = stepMeter({ seconds, most, part: 'validate' })
  await learn.with({ ...scope(), cbs: meter.cbs }, () => onePass(learn, learn.dls.valid))
  return meter
}

/** Seconds for each batch of a loader that nobody keeps waiting. */
async function timeLoading(dl: DataLoader, epoch: number, seconds: number): Promise<number> {
  const { prefetch } = dl.options
  const began = performance.now()
  const times: number[] = []
  for await (const _ of dl.batches(epoch)) {
    const passed = (performance.now() - began) / 1000
    times.push(passed)
    if (times.length > prefetch + 8 || (times.length >= 2 && passed > seconds)) break
  }
  // The first ones come together: they were begun at once.
  const settled = times.slice(prefetch)
  if (settled.length > 2) return (settled.at(-1)! - settled[0]!) / (settled.length - 1)
  return (times.at(-1) ?? 0) / Math.max(1, times.length)
}

/** Waits until nothing is being read ahead any more: what is asked for last comes last. */
async function quiet(dl: DataLoader): Promise<void> {
  for await (const _ of dl.with({ prefetch: 0 }).batches()) return
}

/** The seconds of a whole epoch: as measured where one is over, else from what its batches take one by one. */
function timeOf(steps: readonly MeasuredStep[], batches: number, prefetch: number, load = 0): number {
  const whole = wholeEpoch(steps)
  if (whole) return whole.reduce((sum, s) => sum + s.wall, 0)
  const [first] = steps
  return first ? first.wall - first.step + perBatch(steps, prefetch, load) * batches : 0
}

/** The steps of the last epoch that was taken to its end. */
function wholeEpoch(steps: readonly MeasuredStep[]): readonly MeasuredStep[] | undefined {
  const end = steps.findLastIndex((s) => s.iter + 1 === s.nIter)
  return end < 0 ? undefined : steps.slice(Math.max(0, end - steps[end]!.iter), end + 1)
}

function perBatch(steps: readonly MeasuredStep[], prefetch: number, load: number): number {
  const walls = (list: readonly MeasuredStep[]) => mean(later(list).map((s) => s.wall))
  // The first batches were read ahead: only those after them come as fast as they will.
  const settled = steps.filter((s) => s.iter > prefetch)
  if (settled.length >= 2) return walls(settled)
  const following = steps.slice(1).filter((s) => s.iter > 0)
  if (following.length > 0) return Math.max(walls(following), load)
  return mean(later(steps).map((s) => s.step)) + load
}

/** The second half of the steps: code that has just been compiled runs slower. */
function later<T>(steps: readonly T[]): readonly T[] {
  return steps.slice(Math.floor(steps.length / 2))
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, v) => sum + v, 0) / Math.max(1, numbers.length)
}

/** Tells afterwards how many bytes are held twice because what they were must be put back. */
function copies({ model, opt }: Learner): () => number {
  const slots = [...opt.state.values()].flatMap((s) => [...s.slots.values()])
  const held = [...[...model.weights()].map((w) => w.variable), ...slots].map((v) => [v, v.dataId] as const)
  return () => held.reduce((n, [v, id]) => (v.isDisposed || v.dataId === id ? n : n + v.size * 4), 0)
}
