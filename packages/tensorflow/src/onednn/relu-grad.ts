import { algorithm, arg, propagation } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, Step } from './plan.js'

/** dy, y → dx: where the output is positive. `work` is how many multiplications each number is worth. */
export function planReluGrad(dnn: OneDnn, size: number, work: number): Step {
  const { api, engine } = dnn
  const { reluByOutput } = algorithm
  return building(
    dnn,
    (b) => {
      const x = b.layout([size], [1])
      const forward = b.plan('a rectifier', (out) =>
        api.planEltwise(out, engine, propagation.training, reluByOutput, x, x, 0, 0, null),
      )
      const plan = b.plan('a rectifier gradient', (out) =>
        api.planEltwiseGrad(out, engine, reluByOutput, x, x, x, 0, 0, forward, null),
      )
      return new Step(dnn, 'a rectifier gradient', plan, [
        [arg.dy, x],
        [arg.y, x],
        [arg.dx, x],
      ])
    },
    work * size,
  )
}
