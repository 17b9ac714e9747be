import type { Pointer } from '../native/library.js'
import { addressAsText } from '../native/memory.js'
import { algorithm, arg, query } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, Step } from './plan.js'

/** What is done to each pair of numbers. */
export type BinaryKind = 'add' | 'subtract' | 'multiply' | 'divide'

/** An operation on two tensors, planned for their shapes. */
export interface BinaryPlan {
  /** False where oneDNN has no more than its reference form, which is slower than anybody's. */
  readonly fast: boolean
  run(a: Pointer, b: Pointer, y: Pointer): void
  destroy(): void
}

/** a ∘ b → y of the shape of `a`; sizes of 1 in `b` stand for all along that axis. Both have the same rank. */
export function planBinary(
  dnn: OneDnn,
  kind: BinaryKind,
  a: readonly number[],
  b: readonly number[],
): BinaryPlan {
  const { api, engine } = dnn
  const size = a.reduce((n, d) => n * d, 1)
  return building(
    dnn,
    (builder) => {
      const x = builder.layout(a, stridesOf(a))
      const x1 = builder.layout(b, stridesOf(b))
      const plan = builder.plan(kind, (out) => api.planBinary(out, engine, algorithm[kind], x, x1, x, null))
      const how = builder.dnn.make('its name', (out) => api.describePlan(plan, query.implementation, 0, out))
      const step = new Step(dnn, kind, plan, [
        [arg.x, x],
        [arg.x1, x1],
        [arg.y, x],
      ])
      return {
        fast: addressAsText(how).startsWith('jit'),
        run: (from, by, to) => step.run(from, by, to),
        destroy: () => step.destroy(),
      }
    },
    4 * size,
  )
}

function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1)
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!
  return strides
}
