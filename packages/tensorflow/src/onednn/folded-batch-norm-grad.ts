import { repeat } from '@espalier/core/kernels'
import type { Pointer } from '../native/library.js'
import { viewFloats } from '../native/memory.js'
import { type BatchNormSize, planBatchNormGrad, workOf } from './batch-norm.js'
import { algorithm, arg, givenStatistics, postArg, propagation, scaleAndShift } from './constants.js'
import { foldedLayouts } from './folded-batch-norm.js'
import { mergeGradients, spread } from './merge-folds.js'
import type { OneDnn } from './one-dnn.js'
import { OwnNumbers } from './own-numbers.js'
import { type Builder, building, destroyAll, isFast, type Plan, Step } from './plan.js'

const what = 'a batch norm gradient'

/**
 * The gradient of `planBatchNormGrad`, where that is quicker on folded rows. oneDNN leaves out what goes through statistics that are given; it is
 * added then: dx −= weight · (dBias + x̂ · dWeight) / (rows · σ), where x̂ = (x − mean) / σ.
 */
export function planFoldedBatchNormGrad(dnn: OneDnn, size: BatchNormSize): Plan {
  return building(dnn, (b) => folded(b, size), workOf(size)) ?? planBatchNormGrad(dnn, size)
}

function folded(b: Builder, size: BatchNormSize): Plan | undefined {
  const { rows, epsilon } = size
  const layouts = foldedLayouts(b, size)
  if (!layouts) return undefined
  const { x, each, given, channels } = layouts
  const through = throughStatistics(b, x, channels)
  if (!through) return undefined
  const direct = directly(b, x, each, given, epsilon)
  const own = () => new OwnNumbers(channels)
  const [means, variances, scales, dScales, dShifts] = [own(), own(), own(), own(), own()]
  return {
    run(...[dy, x, weight, mean, biased, dx, dWeight, dBias]: readonly Pointer[]) {
      const see = (at: Pointer | undefined) => viewFloats(at!, size.channels)
      const [m, v, w, dw, db] = [see(mean), see(biased), see(weight), see(dWeight), see(dBias)]
      repeat(() => {
        spread(means, m)
        spread(variances, v)
        spread(scales, w)
      })
      direct.run(dy!, x!, dx!, means.at, variances.at, scales.at, dScales.at, dShifts.at)
      repeat(() => mergeGradients(dScales, dShifts, { weight: w, variance: v, epsilon, rows }, dw, db))
      through.run(x!, means.at, dx!, dScales.at, dShifts.at, dx!)
    },
    destroy: () => destroyAll(direct, through, means, variances, scales, dScales, dShifts),
  }
}

/** dy, x → dx without what goes through the statistics, and the gradients of each fold's weight and bias. */
function directly(b: Builder, x: Pointer, each: Pointer, forward: Pointer, epsilon: number): Step {
  const { dnn } = b
  const flags = givenStatistics | scaleAndShift
  const plan = b.plan(what, (out) =>
    dnn.api.planBatchNormGrad(out, dnn.engine, propagation.backward, x, x, x, epsilon, flags, forward, null),
  )
  return new Step(dnn, what, plan, [
    [arg.dy, x],
    [arg.x, x],
    [arg.dx, x],
    [arg.mean, each],
    [arg.variance, each],
    [arg.scale, each],
    [arg.dScale, each],
    [arg.dShift, each],
  ])
}

/** (x − mean) · factor + shift + dx → dx. */
function throughStatistics(b: Builder, x: Pointer, channels: number): Step | undefined {
  const { dnn } = b
  const row = b.layout([1, channels, 1, 1], [channels, 1, channels, channels])
  const then = b.followedBy([algorithm.multiply, row], [algorithm.add, row], [algorithm.add, x])
  const plan = b.plan(what, (out) => dnn.api.planBinary(out, dnn.engine, algorithm.subtract, x, row, x, then))
  if (!isFast(dnn, plan)) return undefined
  return new Step(dnn, what, plan, [
    [arg.x, x],
    [arg.x1, row],
    [arg.y, x],
    [postArg(0), row],
    [postArg(1), row],
    [postArg(2), x],
  ])
}
