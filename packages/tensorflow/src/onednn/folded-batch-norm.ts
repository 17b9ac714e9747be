import { repeat } from '@espalier/core/kernels'
import type { Pointer } from '../native/library.js'
import { viewFloats } from '../native/memory.js'
import { type BatchNormSize, planBatchNorm, workOf } from './batch-norm.js'
import { arg, givenStatistics, propagation, scaleAndShift } from './constants.js'
import { mergeStatistics, spread } from './merge-folds.js'
import type { OneDnn } from './one-dnn.js'
import { OwnNumbers } from './own-numbers.js'
import { type Builder, building, destroyAll, isFast, type Plan, Step } from './plan.js'

/** oneDNN's fast batch norm is for channels that fill vectors of so many. */
const vector = 16
/** Of fewer rows, putting the numbers of channels together again takes longer than what is won. */
const fewest = 64

/**
 * How many rows are read as one, side by side, so that channels fill vectors. 1 where they do, where rows do not come out
 * even, and where these are few.
 */
function foldOf({ rows, channels }: BatchNormSize): number {
  let fold = 1
  while ((fold * channels) % vector > 0) fold++
  return rows % fold === 0 && rows / fold >= fewest ? fold : 1
}

/**
 * The batch norm of `planBatchNorm`, where that is quicker on folded rows: the statistics of folds, out of them those of
 * channels, and with these the numbers.
 */
export function planFoldedBatchNorm(dnn: OneDnn, size: BatchNormSize): Plan {
  return building(dnn, (b) => folded(b, size), workOf(size)) ?? planBatchNorm(dnn, size)
}

function folded(b: Builder, size: BatchNormSize): Plan | undefined {
  const what = 'a batch norm'
  const { dnn } = b
  const layouts = foldedLayouts(b, size)
  if (!layouts) return undefined
  const { x, each, given, channels } = layouts
  const plan = b.plan(what, (out) =>
    dnn.api.planBatchNorm(out, dnn.engine, propagation.training, x, x, size.epsilon, 0, null),
  )
  const statistics = [
    [arg.x, x],
    [arg.y, x],
    [arg.mean, each],
    [arg.variance, each],
  ] as const
  const collect = new Step(dnn, what, plan, statistics)
  const normalize = new Step(dnn, what, given, [...statistics, [arg.scale, each], [arg.shift, each]])
  const perFold = Array.from({ length: 4 }, () => new OwnNumbers(channels))
  const [means, variances] = perFold as [OwnNumbers, OwnNumbers]
  return {
    run(...[x, weight, bias, y, mean, biased]: readonly Pointer[]) {
      const each = [mean!, biased!, weight!, bias!].map((at) => viewFloats(at, size.channels))
      collect.run(x!, y!, means.at, variances.at)
      repeat(() => {
        mergeStatistics(means, variances, each[0]!, each[1]!)
        for (const [i, numbers] of perFold.entries()) spread(numbers, each[i]!)
      })
      normalize.run(x!, y!, ...perFold.map(({ at }) => at))
    },
    destroy: () => destroyAll(collect, normalize, ...perFold),
  }
}

/**
 * Layouts of folded rows and of their channels, how many of these there are, and a batch norm whose statistics are given.
 * None where rows are not folded, or oneDNN has no fast form.
 */
export function foldedLayouts(b: Builder, size: BatchNormSize) {
  const { api, engine } = b.dnn
  const fold = foldOf(size)
  if (fold === 1) return undefined
  const channels = size.channels * fold
  const x = b.layout([size.rows / fold, channels, 1, 1], [channels, 1, channels, channels])
  const each = b.layout([channels], [1])
  const flags = givenStatistics | scaleAndShift
  const given = b.plan('a batch norm', (out) =>
    api.planBatchNorm(out, engine, propagation.training, x, x, size.epsilon, flags, null),
  )
  return isFast(b.dnn, given) ? { x, each, given, channels } : undefined
}
