import { algorithm, arg, propagation } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, type Plan, Step } from './plan.js'

/** x → exp(x) / Σ exp(x) over each row, both `[rows, columns]`. */
export function planSoftmax(dnn: OneDnn, rows: number, columns: number): Plan {
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
