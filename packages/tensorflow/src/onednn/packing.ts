import type { Pointer } from '../native/library.js'
import type { Scratch } from '../native/memory.js'
import { type Builder, destroyAll, reordering } from './plan.js'

type Pointers<N extends string> = Readonly<Record<N, Pointer>>

/** Lets a plan have what it likes otherwise than it lies in the layout it likes. */
export interface Packing<N extends string> {
  /** Calls `run` with the places of the numbers in that layout, those of all others as they are. */
  within<P extends Pointers<N>>(places: P, run: (packed: P) => void): void
  destroy(): void
}

/**
 * Layouts by the names of what lies in them, as it is given and as a plan likes it. All but `result` is copied before the
 * plan runs, and `result` afterwards, in memory that all plans share.
 */
export function packing<N extends string>(
  b: Builder,
  given: Pointers<NoInfer<N>>,
  liked: Pointers<N>,
  scratch: Scratch,
  result?: NoInfer<N>,
): Packing<N> {
  const changes = (Object.keys(liked) as N[]).flatMap((name) => {
    const [from, to] = name === result ? [liked, given] : [given, liked]
    const step = reordering(b, from[name], to[name])
    // What describes a layout may be the plan's, and gone with it: sizes are asked for now.
    return step ? [{ name, step, bytes: 64 * Math.ceil(b.dnn.api.size(liked[name]) / 64) }] : []
  })
  const total = changes.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    within(places, run) {
      if (total === 0) return run(places)
      const packed: Record<N, Pointer> = { ...places }
      let at = scratch.reserve(total)
      for (const { name, step, bytes } of changes) {
        if (name !== result) step.run(places[name], at)
        packed[name] = at
        at += BigInt(bytes)
      }
      run(packed as typeof places)
      for (const { name, step } of changes) if (name === result) step.run(packed[name], places[name])
    },
    destroy: () => destroyAll(...changes.map(({ step }) => step)),
  }
}
