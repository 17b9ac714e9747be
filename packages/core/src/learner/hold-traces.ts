import * as tf from '../engine/tf.js'
import type { Saved } from '../nn/saved.js'
import type { Learner } from './learner.js'

/** What a fit changes outside the model and the optimizer, as it was. */
export interface Traces extends Disposable {
  restore(): void
}

/** Holds what the callbacks carry, and which samples are known to be unreadable, to be put back. */
export function holdTraces(learn: Learner): Traces {
  const carried = learn.orderedCbs().flatMap((cb) => {
    if (!cb.saveState || !cb.loadState || cb === learn.recorder) return []
    const { tensors = {}, ...rest } = cb.saveState()
    const own = Object.entries(tensors).map(([name, t]) => [name, tf.keep(tf.clone(t))] as const)
    const saved: Saved = { ...rest, tensors: Object.fromEntries(own) }
    return [{ cb, saved }]
  })
  const skipped = [learn.dls.train, learn.dls.valid].map((dl) => [dl.skipped, [...dl.skipped]] as const)
  return {
    restore() {
      for (const { cb, saved } of carried) cb.loadState?.(saved)
      for (const [found, before] of skipped) {
        found.clear()
        for (const [index, sample] of before) found.set(index, sample)
      }
    },
    [Symbol.dispose]() {
      for (const { saved } of carried) for (const t of Object.values(saved.tensors ?? {})) t.dispose()
    },
  }
}
