import type { Pointer } from '../native/library.js'
import { algorithm, arg, postArg, uint8 } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, destroyAll, type Plan, type PostOp, Step } from './plan.js'

/** Numbers times one byte each and `scale`, planned for how many there are. */
export interface DropoutPlan {
  /** `x`, `kept` → `y`. */
  readonly write: Plan
  /** The same, added to what is there. */
  add(x: Pointer, kept: Pointer, to: Pointer): void
  destroy(): void
}

/** Plans both forms for so many numbers; the scale is part of the plan, as it is of a layer. */
export function planDropout(dnn: OneDnn, size: number, scale: number): DropoutPlan {
  return building(
    dnn,
    (b) => {
      const numbers = b.layout([size], [1])
      const bytes = b.layout([size], [1], uint8)
      const step = (...more: readonly PostOp[]) => {
        const attributes = b.followedBy([algorithm.linear, undefined, scale], ...more)
        const plan = b.plan('dropout', (out) =>
          dnn.api.planBinary(out, dnn.engine, algorithm.multiply, numbers, bytes, numbers, attributes),
        )
        const given = [
          [arg.x, numbers],
          [arg.x1, bytes],
          [arg.y, numbers],
        ] as const
        return new Step(dnn, 'dropout', plan, more.length > 0 ? [...given, [postArg(1), numbers]] : given)
      }
      const [write, add] = [step(), step([algorithm.add, numbers])]
      return {
        write,
        add: (x, kept, to) => add.run(x, kept, to, to),
        destroy: () => destroyAll(write, add),
      }
    },
    4 * size,
  )
}
