import type { Pointer } from '../native/library.js'
import { algorithm, arg, propagation } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { type Builder, building, Step } from './plan.js'

/** A rectifier or its gradient, planned for `size` numbers. */
export interface ReluPlan {
  run(...places: readonly Pointer[]): void
  destroy(): void
}

/** x → y. */
export function planRelu(dnn: OneDnn, size: number): ReluPlan {
  const build = (b: Builder) => {
    const { x, forward } = planned(b, size)
    return new Step(dnn, 'a rectifier', forward, [
      [arg.x, x],
      [arg.y, x],
    ])
  }
  return building(dnn, build, workOf(size))
}

/** dy, y → dx: where the output is positive. */
export function planReluGrad(dnn: OneDnn, size: number): ReluPlan {
  const { api, engine } = dnn
  const build = (b: Builder) => {
    const { x, forward } = planned(b, size)
    const plan = b.plan('a rectifier gradient', (out) =>
      api.planEltwiseGrad(out, engine, algorithm.reluByOutput, x, x, x, 0, 0, forward, null),
    )
    return new Step(dnn, 'a rectifier gradient', plan, [
      [arg.dy, x],
      [arg.y, x],
      [arg.dx, x],
    ])
  }
  return building(dnn, build, workOf(size))
}

const workOf = (size: number) => 16 * size

function planned(b: Builder, size: number) {
  const { api, engine } = b.dnn
  const x = b.layout([size], [1])
  const forward = b.plan('a rectifier', (out) =>
    api.planEltwise(out, engine, propagation.training, algorithm.reluByOutput, x, x, 0, 0, null),
  )
  return { x, forward }
}
