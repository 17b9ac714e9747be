import type { Pointer } from '../native/library.js'
import { algorithm, arg, propagation } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, isFast, Step } from './plan.js'

/** The gradient of a rectifier of so many numbers. */
export interface ReluGradPlan {
  /** False where oneDNN has no more than its reference form. */
  readonly fast: boolean
  run(dy: Pointer, y: Pointer, dx: Pointer): void
  destroy(): void
}

/** dy, y → dx: where the output is positive. `work` is how many multiplications each number is worth. */
export function planReluGrad(dnn: OneDnn, size: number, work: number): ReluGradPlan {
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
      const step = new Step(dnn, 'a rectifier gradient', plan, [
        [arg.dy, x],
        [arg.y, x],
        [arg.dx, x],
      ])
      return {
        fast: isFast(dnn, plan),
        run: (dy, y, dx) => step.run(dy, y, dx),
        destroy: () => step.destroy(),
      }
    },
    work * size,
  )
}
