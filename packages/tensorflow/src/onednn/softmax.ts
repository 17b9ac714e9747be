import type { Pointer } from '../native/library.js'
import { algorithm, arg, propagation } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, Step } from './plan.js'

/** exp(x) / Σ exp(x) over each row, planned for a size. */
export interface SoftmaxPlan {
  run(x: Pointer, y: Pointer): void
  destroy(): void
}

/** x → y, both `[rows, columns]`. */
export function planSoftmax(dnn: OneDnn, rows: number, columns: number): SoftmaxPlan {
  const { api, engine } = dnn
  return building(
    dnn,
    (b) => {
      const x = b.layout([rows, columns], [columns, 1])
      const plan = b.plan('a softmax', (out) =>
        api.planSoftmax(out, engine, propagation.inference, algorithm.softmax, x, x, 1, null),
      )
      return new Step(dnn, 'a softmax', plan, [
        [arg.x, x],
        [arg.y, x],
      ])
    },
    32 * rows * columns,
  )
}
