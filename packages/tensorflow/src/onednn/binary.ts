import { sizeOf } from '@espalier/data'
import { algorithm, arg } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, dense, Step } from './plan.js'

/** What is done to each pair of numbers. */
export type BinaryKind = 'add' | 'subtract' | 'multiply' | 'divide'

/** a, b → a ∘ b of the shape of `a`; sizes of 1 in `b` stand for all along that axis. Both have the same rank. */
export function planBinary(dnn: OneDnn, kind: BinaryKind, a: readonly number[], b: readonly number[]): Step {
  const { api, engine } = dnn
  return building(
    dnn,
    (builder) => {
      const x = builder.layout(a, dense(a))
      const x1 = builder.layout(b, dense(b))
      const plan = builder.plan(kind, (out) => api.planBinary(out, engine, algorithm[kind], x, x1, x, null))
      return new Step(dnn, kind, plan, [
        [arg.x, x],
        [arg.x1, x1],
        [arg.y, x],
      ])
    },
    4 * sizeOf(a),
  )
}
