import { EspalierError, listed } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { toFloat32, toInt32 } from '../io/convert.js'
import type { SafeTensor } from '../io/safetensors.js'
import type { Callback } from '../learner/callback.js'
import type { Learner } from '../learner/learner.js'
import type { Saved } from '../nn/saved.js'
import { savingCallbacks } from './capture.js'
import { paramNames, runWeights } from './param-names.js'
import type { ReadGeneration } from './read-generation.js'
import type { SavedPart } from './run-file.js'

type Tensors = ReadonlyMap<string, SafeTensor>

/** Puts a learner where the run was. Everything is checked before anything is changed. */
export function restore(learn: Learner, { name, file, tensors }: ReadGeneration): void {
  const { model, opt, dls } = learn
  const weights = [...runWeights(learn)]
  const params = paramNames(learn)
  const modules = new Map([...model.modules()].filter(([, m]) => m.loadState))
  const callbacks: Callback[] = savingCallbacks(learn)
  const missing = [
    ...weights.flatMap(([path, variable]) => (fits(tensors.model, path, variable) ? [] : [path])),
    ...file.optimizer.params.flatMap((p) => {
      const param = params.get(p.name)
      return param && p.slots.every((s) => tensors.optimizer.has(`${p.name}:${s}`)) ? [] : [p.name]
    }),
    ...file.modules.filter((m) => !modules.has(m.name)).map((m) => m.name),
  ]
  if (missing.length > 0 || tensors.model.size !== weights.length) {
    throw new EspalierError(
      'checkpoint/mismatch',
      `the state '${name}' is not that of this learner: ${listed(missing.length > 0 ? missing : [...tensors.model.keys()])}`,
      { fix: 'make the learner as it was made when the run began' },
    )
  }
  tf.tidy(() => {
    for (const [path, variable] of weights) variable.assign(tensorOf(tensors.model, path))
    opt.clearState()
    for (const { name: param, count, slots } of file.optimizer.params) {
      const state = slots.map(
        (slot) => [slot, tf.variable(tensorOf(tensors.optimizer, `${param}:${slot}`), false)] as const,
      )
      opt.state.set(params.get(param)!, { count, slots: new Map(state) })
    }
    for (const part of file.modules) {
      modules.get(part.name)?.loadState?.(saved(part, tensors.state, `module ${part.name}`))
    }
    for (const [i, part] of file.callbacks.entries()) {
      takeFirst(callbacks, part.name)?.loadState?.(saved(part, tensors.state, `callback ${i}`))
    }
  })
  for (const [i, h] of opt.hypers.entries()) Object.assign(h, file.optimizer.hypers[i])
  opt.frozenIdx = file.optimizer.frozenIdx
  const training = new Set(file.training)
  for (const [path, m] of model.modules()) m.training = training.has(path)
  Object.assign(learn.run, file.run)
  for (const part of ['train', 'valid'] as const) {
    const { skipped, dataset } = dls[part]
    skipped.clear()
    for (const s of file.skipped[part]) {
      // Where the data was allowed to change, another item may be there.
      if (s.index < dataset.length && dataset.id(s.index) === s.id) skipped.set(s.index, s)
    }
  }
}

/** The next callback of a name. One that was there and no longer is, or the other way round, was allowed to change. */
function takeFirst(callbacks: Callback[], name: string): Callback | undefined {
  const i = callbacks.findIndex((cb) => cb.name === name)
  return i < 0 ? undefined : callbacks.splice(i, 1)[0]
}

function fits(tensors: Tensors, name: string, { shape, dtype }: tf.Tensor): boolean {
  const stored = tensors.get(name)
  return String(stored?.shape) === String(shape) && dtypes.get(stored?.dtype) === dtype
}

/** What the stored types of numbers are in an engine. */
const dtypes: ReadonlyMap<string | undefined, tf.DataType> = new Map([
  ['F32', 'float32'],
  ['I32', 'int32'],
  ['BOOL', 'bool'],
])

function tensorOf(tensors: Tensors, name: string): tf.Tensor {
  const stored = tensors.get(name)!
  const data = stored.dtype === 'F32' ? toFloat32(name, stored) : toInt32(name, stored)
  return tf.tensor(data, [...stored.shape], dtypes.get(stored.dtype))
}

function saved({ data, tensors }: SavedPart, stored: Tensors, key: string): Saved {
  const own = Object.fromEntries(tensors.map((field) => [field, tensorOf(stored, `${key}:${field}`)]))
  return { ...(data !== undefined && { data }), tensors: own }
}
