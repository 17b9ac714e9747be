import { heldValue } from '../engine/tensors.js'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import type { Learner } from '../learner/learner.js'
import type { Saved } from '../nn/saved.js'
import { paramNames, runWeights } from './param-names.js'
import { type RunFile, runFileVersion, type SavedPart } from './run-file.js'
import { checkData } from './saveable.js'

/** A run at one moment: what `state.json` says, and tensors by file that share their numbers until they change. */
export interface Captured extends Disposable {
  readonly file: RunFile
  readonly tensors: Readonly<Record<TensorFile, ReadonlyMap<string, tf.Tensor>>>
  /** The weights that no gradient changes. */
  readonly buffers: ReadonlySet<string>
}

/** The files of a checkpoint that hold tensors. */
export const tensorFiles = ['model', 'optimizer', 'state'] as const
/** One of the files of a checkpoint that hold tensors. */
export type TensorFile = (typeof tensorFiles)[number]

/** What is known of a fit besides its learner. */
export type CapturedFit = Pick<RunFile, 'fit' | 'done' | 'position' | 'identity' | 'allowed'>

type Saving = Callback & Required<Pick<Callback, 'saveState'>>

/** The callbacks that a checkpoint keeps something of, in their order. */
export function savingCallbacks(learn: Learner): Saving[] {
  return learn.orderedCbs().filter((cb): cb is Saving => cb.saveState !== undefined)
}

/** Holds all that a run is, without copying a number of it. Dispose it when it is written. */
export function capture(learn: Learner, fit: CapturedFit): Captured {
  const tensors: Tensors = { model: new Map(), optimizer: new Map(), state: new Map() }
  const release = () => {
    for (const held of Object.values(tensors)) for (const t of held.values()) t.dispose()
  }
  try {
    const weights = [...runWeights(learn)]
    for (const [name, variable] of weights) tensors.model.set(name, heldValue(variable))
    const buffers = new Set(weights.flatMap(([name, { trainable }]) => (trainable ? [] : [name])))
    return { file: fileOf(learn, fit, tensors), tensors, buffers, [Symbol.dispose]: release }
  } catch (error) {
    release() // What cannot be saved of a callback does not leave the rest behind.
    throw error
  }
}

type Tensors = Readonly<Record<TensorFile, Map<string, tf.Tensor>>>

/** What `state.json` says; the tensors of the optimizer, of modules and of callbacks are added to those held. */
function fileOf(learn: Learner, fit: CapturedFit, tensors: Tensors): RunFile {
  const { model, opt, dls, run } = learn
  const params = [...paramNames(learn)].flatMap(([name, param]) => {
    const state = opt.state.get(param)
    if (!state) return []
    for (const [slot, value] of state.slots) tensors.optimizer.set(`${name}:${slot}`, heldValue(value))
    return [{ name, count: state.count, slots: [...state.slots.keys()] }]
  })
  const part = (kind: string, place: string | number, name: string, saved: Saved): SavedPart => {
    const { data, tensors: own = {} } = saved
    if (name !== learn.recorder.name) checkData(`${kind} '${name}'`, data) // It quotes others, for people to read.
    for (const [field, t] of Object.entries(own)) {
      tensors.state.set(`${kind} ${place}:${field}`, tf.keep(tf.clone(t)))
    }
    return { name, tensors: Object.keys(own), ...(data !== undefined && { data }) }
  }
  return {
    format: 'espalier-checkpoint',
    version: runFileVersion,
    ...fit,
    run: { ...run },
    skipped: { train: [...dls.train.skipped.values()], valid: [...dls.valid.skipped.values()] },
    optimizer: { hypers: opt.hypers.map((h) => ({ ...h })), frozenIdx: opt.frozenIdx, params },
    modules: [...model.modules()].flatMap(([path, m]) =>
      m.saveState ? [part('module', path, path, m.saveState())] : [],
    ),
    training: [...model.modules()].flatMap(([path, m]) => (m.training ? [path] : [])),
    callbacks: savingCallbacks(learn).map((cb, i) => part('callback', i, cb.name, cb.saveState())),
  }
}
