import { sizeOf } from '@espalier/data'
import type { Pointer } from '../native/library.js'
import { algorithm, arg } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, dense, isFast, Step } from './plan.js'

/** What is done to each pair of numbers. */
export type BinaryKind = 'add' | 'subtract' | 'multiply' | 'divide'

/** An operation on two tensors, planned for their shapes. */
export interface BinaryPlan {
  /** False where oneDNN has no more than its reference form, which is slower than anybody's. */
  readonly fast: boolean
  run(a: Pointer, b: Pointer, y: Pointer): void
  destroy(): void
}

/**
 * a ∘ b → y of the shape of `a`; sizes of 1 in `b` stand for all along that axis. Both have the same rank. `work` is how
 * many multiplications each number is worth.
 */
export function planBinary(
  dnn: OneDnn,
  kind: BinaryKind,
  a: readonly number[],
  b: readonly number[],
  work = 4,
): BinaryPlan {
  const { api, engine } = dnn
  return building(
    dnn,
    (builder) => {
      const x = builder.layout(a, dense(a))
      const x1 = builder.layout(b, dense(b))
      const plan = builder.plan(kind, (out) => api.planBinary(out, engine, algorithm[kind], x, x1, x, null))
      const step = new Step(dnn, kind, plan, [
        [arg.x, x],
        [arg.x1, x1],
        [arg.y, x],
      ])
      return {
        fast: isFast(dnn, plan),
        run: (from, by, to) => step.run(from, by, to),
        destroy: () => step.destroy(),
      }
    },
    work * sizeOf(a),
  )
}
