import { algorithm, arg, postArg } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, type RatedPlan, Step } from './plan.js'

/**
 * x → the larger of zero and x, in this order, for where x is no number it is the second that is taken. oneDNN's own
 * rectifier makes zeros of such, and a network would go on with them as if nothing were wrong. `work` is how many
 * multiplications each number is worth.
 */
export function planRelu(dnn: OneDnn, size: number, work: number): RatedPlan {
  const { maximum, clip } = algorithm
  return building(
    dnn,
    (b) => {
      const x = b.layout([size], [1])
      const then = b.followedBy([clip, undefined, 0, 0], [maximum, x])
      const plan = b.plan('a rectifier', (out) => dnn.api.planBinary(out, dnn.engine, maximum, x, x, x, then))
      const step = new Step(dnn, 'a rectifier', plan, [
        [arg.x, x],
        [arg.x1, x],
        [arg.y, x],
        [postArg(1), x],
      ])
      return {
        fast: step.fast,
        run: (...[from, to]) => step.run(from!, from!, to!, from!),
        destroy: () => step.destroy(),
      }
    },
    work * size,
  )
}
