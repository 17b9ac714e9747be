import * as tf from '../engine/tf.js'
import type { AnyModule } from '../nn/module.js'

/** What modules carry from batch to batch as it was. */
export interface HeldStates extends Disposable {
  restore(): void
}

/** Holds what modules carry besides their weights, to be put back. */
export function holdStates(modules: readonly AnyModule[]): HeldStates {
  const held = modules.flatMap((m) => {
    if (!m.saveState || !m.loadState) return []
    const state = m.saveState()
    if (!state.tensors) return [{ module: m, saved: state }]
    const own = Object.entries(state.tensors).map(([name, t]) => [name, tf.keep(tf.clone(t))] as const)
    return [{ module: m, saved: { ...state, tensors: Object.fromEntries(own) } }]
  })
  return {
    restore() {
      for (const { module, saved } of held) module.loadState?.(saved)
    },
    [Symbol.dispose]() {
      for (const { saved } of held) for (const t of Object.values(saved.tensors ?? {})) t.dispose()
    },
  }
}
