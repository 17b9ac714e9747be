import type { Pointer } from '../native/library.js'
import { algorithm, arg, propagation } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { type Builder, building, Step } from './plan.js'

/** A rectifier or its gradient, planned for `size` numbers. */
export interface ReluPlan {
  run(...places: readonly Pointer[]): void
  destroy(): void
}

/**
 * zeros, x → y: the larger of each pair, and x where that is no number. oneDNN's own rectifier makes zeros of such, and a
 * network would go on with them as if nothing were wrong.
 */
export function planRelu(dnn: OneDnn, size: number): ReluPlan {
  const { api, engine } = dnn
  const build = (b: Builder) => {
    const x = b.layout([size], [1])
    const plan = b.plan('a rectifier', (out) => api.planBinary(out, engine, algorithm.maximum, x, x, x, null))
    return new Step(dnn, 'a rectifier', plan, [
      [arg.x, x],
      [arg.x1, x],
      [arg.y, x],
    ])
  }
  return building(dnn, build, workOf(size))
}

/** dy, y → dx: where the output is positive. */
export function planReluGrad(dnn: OneDnn, size: number): ReluPlan {
  const { api, engine } = dnn
  const { reluByOutput } = algorithm
  const build = (b: Builder) => {
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
  }
  return building(dnn, build, workOf(size))
}

const workOf = (size: number) => 16 * size
