import { arg, propagation, scaleAndShift } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { type Builder, building, type Plan, Step } from './plan.js'

/** Rows of channels, and what is added to their variance. */
export interface BatchNormSize {
  readonly rows: number
  readonly channels: number
  readonly epsilon: number
}

/** x, weight, bias → y, mean, biased variance. */
export function planBatchNorm(dnn: OneDnn, size: BatchNormSize): Plan {
  return building(
    dnn,
    (b) => {
      const { x, each, forward } = planned(b, size)
      return new Step(dnn, 'a batch norm', forward, [
        [arg.x, x],
        [arg.scale, each],
        [arg.shift, each],
        [arg.y, x],
        [arg.mean, each],
        [arg.variance, each],
      ])
    },
    workOf(size),
  )
}

/** dy, x, weight, mean, biased variance → dx, dWeight, dBias. */
export function planBatchNormGrad(dnn: OneDnn, size: BatchNormSize): Plan {
  const { api, engine } = dnn
  return building(
    dnn,
    (b) => {
      const { x, each, forward } = planned(b, size)
      const plan = b.plan('a batch norm gradient', (out) =>
        api.planBatchNormGrad(out, engine, backward, x, x, x, size.epsilon, scaleAndShift, forward, null),
      )
      return new Step(dnn, 'a batch norm gradient', plan, [
        [arg.dy, x],
        [arg.x, x],
        [arg.scale, each],
        [arg.mean, each],
        [arg.variance, each],
        [arg.dx, x],
        [arg.dScale, each],
        [arg.dShift, each],
      ])
    },
    workOf(size),
  )
}

/** Each number is gone through several times, and divided. */
export const workOf = ({ rows, channels }: BatchNormSize) => 400 * rows * channels

const { training, backward } = propagation

function planned(b: Builder, { rows, channels, epsilon }: BatchNormSize) {
  const { api, engine } = b.dnn
  const x = b.layout([rows, channels, 1, 1], [channels, 1, channels, channels])
  const each = b.layout([channels], [1])
  const forward = b.plan('a batch norm', (out) =>
    api.planBatchNorm(out, engine, training, x, x, epsilon, scaleAndShift, null),
  )
  return { x, each, forward }
}
