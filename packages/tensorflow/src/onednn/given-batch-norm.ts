import { repeat } from '@espalier/core/kernels'
import type { Pointer } from '../native/library.js'
import { viewFloats } from '../native/memory.js'
import type { BatchNormSize } from './batch-norm.js'
import { algorithm, arg, postArg } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { OwnNumbers } from './own-numbers.js'
import { building, dense, destroyAll, type RatedPlan, Step } from './plan.js'

/** x, weight, bias, mean, variance → y: each channel times a factor, and something added, in one pass. */
export function planGivenBatchNorm(dnn: OneDnn, { rows, channels, epsilon }: BatchNormSize): RatedPlan {
  const step = building(
    dnn,
    (b) => {
      const x = b.layout([rows, channels], dense([rows, channels]))
      const each = b.layout([1, channels], dense([1, channels]))
      const shifted = b.followedBy([algorithm.add, each])
      const plan = b.plan('a batch norm', (out) =>
        dnn.api.planBinary(out, dnn.engine, algorithm.multiply, x, each, x, shifted),
      )
      return new Step(dnn, 'a batch norm', plan, [
        [arg.x, x],
        [arg.x1, each],
        [postArg(0), each],
        [arg.y, x],
      ])
    },
    8 * rows * channels,
  )
  const [scale, shift] = [new OwnNumbers(channels), new OwnNumbers(channels)]
  return {
    fast: step.fast,
    run(...[x, weight, bias, mean, variance, y]: readonly Pointer[]) {
      const each = [weight!, bias!, mean!, variance!].map((at) => viewFloats(at, channels))
      const [w, b, m, v] = each as [Float32Array, Float32Array, Float32Array, Float32Array]
      repeat(() => {
        const [scales, shifts] = [scale.numbers, shift.numbers]
        for (let c = 0; c < channels; c++) {
          const factor = w[c]! / Math.sqrt(v[c]! + epsilon)
          scales[c] = factor
          shifts[c] = b[c]! - m[c]! * factor
        }
      })
      step.run(x!, scale.at, shift.at, y!)
    },
    destroy: () => destroyAll(step, scale, shift),
  }
}
