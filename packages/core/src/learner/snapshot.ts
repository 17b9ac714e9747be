import { runWeights } from '../checkpoint/param-names.js'
import { heldValue } from '../engine/tensors.js'
import * as tf from '../engine/tf.js'
import { holdModes } from '../nn/hold-modes.js'
import { holdStates } from './hold-states.js'
import type { Learner } from './learner.js'

/** Everything a fit changes in a learner, held in memory so that it can be put back. */
export interface Snapshot extends Disposable {
  restore(): void
}

/** Remembers weights, running statistics, what modules carry, optimizer and random streams. Values are shared until they change. */
export function snapshot(learn: Learner): Snapshot {
  const { model, opt } = learn
  const weights = [...runWeights(learn).values()].map((v) => [v, heldValue(v)] as const)
  const carried = holdStates(model.all())
  const states = [...opt.state].map(([param, { count, slots }]) => ({
    param,
    count,
    slots: [...slots].map(([name, slot]) => [name, heldValue(slot)] as const),
  }))
  const hypers = opt.hypers.map((h) => ({ ...h }))
  const { frozenIdx } = opt
  const run = { ...learn.run }
  const modes = holdModes(model)
  return {
    restore() {
      for (const [v, value] of weights) v.assign(value)
      carried.restore()
      modes.restore()
      opt.clearState()
      for (const { param, count, slots } of states) {
        opt.state.set(param, {
          count,
          slots: new Map(slots.map(([name, value]) => [name, tf.variable(value, false)])),
        })
      }
      for (const [i, h] of opt.hypers.entries()) Object.assign(h, hypers[i])
      opt.frozenIdx = frozenIdx
      Object.assign(learn.run, run)
    },
    [Symbol.dispose]() {
      carried[Symbol.dispose]()
      for (const [, value] of weights) value.dispose()
      for (const { slots } of states) for (const [, value] of slots) value.dispose()
    },
  }
}
