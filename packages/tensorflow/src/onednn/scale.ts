import type { Pointer } from '../native/library.js'
import { algorithm, arg, propagation } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, Step } from './plan.js'

/** Multiplies `size` numbers by a factor, in place. */
export interface ScalePlan {
  run(at: Pointer): void
  destroy(): void
}

/** Plans the multiplication of `size` numbers by a factor. */
export function planScale(dnn: OneDnn, size: number, factor: number): ScalePlan {
  return building(dnn, (b) => {
    const numbers = b.layout([size], [1])
    const plan = b.plan('a multiplication', (out) =>
      dnn.api.planEltwise(
        out,
        dnn.engine,
        propagation.inference,
        algorithm.linear,
        numbers,
        numbers,
        factor,
        0,
        null,
      ),
    )
    const step = new Step(dnn, 'a multiplication', plan, [
      [arg.x, numbers],
      [arg.y, numbers],
    ])
    return { run: (at) => step.run(at, at), destroy: () => step.destroy() }
  })
}
