import { type HeldValue, holdValue } from '../engine/held-value.js'
import { BatchNorm } from '../nn/batch-norm.js'
import type { AnyModule } from '../nn/module.js'
import { holdStates } from './hold-states.js'

/** The running statistics of a model as they were. */
export interface Statistics extends Disposable {
  restore(): void
}

/** The modules that a forward pass in training changes: those that say what they carry. */
export const changingOf = (modules: readonly AnyModule[]) => modules.filter((m) => m.saveState)

/** Holds what a forward pass in training changes in some modules, so that a step that fails can be undone. */
export function holdStatistics(modules: readonly AnyModule[]): Statistics {
  const carried = holdStates(modules)
  const held: HeldValue[] = []
  for (const m of modules) {
    if (m instanceof BatchNorm && m.training) held.push(holdValue(m.runningMean), holdValue(m.runningVar))
  }
  return {
    restore() {
      carried.restore()
      for (const value of held) value.restore()
    },
    [Symbol.dispose]() {
      carried[Symbol.dispose]()
      for (const value of held) value[Symbol.dispose]()
    },
  }
}
