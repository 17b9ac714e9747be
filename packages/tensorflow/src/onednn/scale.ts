import type { Pointer } from '../native/library.js'
import { bytesOf, copyBytes, type Scratch } from '../native/memory.js'
import { algorithm, arg } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, Step } from './plan.js'

/** Multiplies `size` numbers by a factor, in place. */
export interface ScalePlan {
  run(at: Pointer, factor: number): void
  destroy(): void
}

/** Plans the multiplication of `size` numbers. The factor is data: one that changes with every step needs no new plan. */
export function planScale(dnn: OneDnn, size: number, scratch: Scratch): ScalePlan {
  return building(dnn, (b) => {
    const numbers = b.layout([size], [1])
    const one = b.layout([1], [1])
    const plan = b.plan('a multiplication', (out) =>
      dnn.api.planBinary(out, dnn.engine, algorithm.multiply, numbers, one, numbers, null),
    )
    const step = new Step(dnn, 'a multiplication', plan, [
      [arg.x, numbers],
      [arg.x1, one],
      [arg.y, numbers],
    ])
    return {
      run(at, factor) {
        const place = scratch.reserve(Float32Array.BYTES_PER_ELEMENT)
        copyBytes(place, bytesOf(Float32Array.of(factor)), Float32Array.BYTES_PER_ELEMENT)
        step.run(at, place, at)
      },
      destroy: () => step.destroy(),
    }
  })
}
