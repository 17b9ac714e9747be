import type { Pointer } from '../native/library.js'
import { algorithm, arg, postArg } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { OwnNumbers } from './own-numbers.js'
import { building, destroyAll, type PostOp, Step } from './plan.js'

/** The numbers of a step of Adam. */
export interface AdamNumbers {
  /** Below 1. */
  readonly mom: number
  /** Above 0. */
  readonly sqrMom: number
  /** What the average of squares is multiplied with before its root is taken. */
  readonly scale: number
  readonly eps: number
  readonly rate: number
  /** Above 0. */
  readonly keep: number
}

/** Where a parameter and its two averages lie. */
export interface AdamPlaces {
  readonly param: Pointer
  readonly avg: Pointer
  readonly sqrAvg: Pointer
}

/** A step of Adam on `size` numbers. */
export interface AdamPlan {
  /** `to` may be `from`. */
  run(from: AdamPlaces, grad: Pointer, to: AdamPlaces, by: AdamNumbers): void
  destroy(): void
}

/** The factors of the passes, in the order in which they lie in memory. */
const names = ['momByRest', 'rest', 'restBySqrMom', 'sqrMom', 'scale', 'eps', 'step', 'keep'] as const
type Factors = Record<(typeof names)[number], Pointer>

function setFactors({ numbers }: OwnNumbers, { mom, sqrMom, scale, eps, rate, keep }: AdamNumbers): void {
  const rest = 1 - mom
  numbers.set([mom / rest, rest, (1 - sqrMom) / sqrMom, sqrMom, scale, eps, -rate / keep, keep])
}

/**
 * Plans it as three passes over numbers that a cache holds: each average as its old value and what is new, times what they
 * have in common, and then the parameter. The factors are data: new rates need no new plan.
 */
export function planAdam(dnn: OneDnn, size: number): AdamPlan {
  const { add, multiply, sqrt, power } = algorithm
  return building(
    dnn,
    (b) => {
      const all = b.layout([size], [1])
      const one = b.layout([1], [1])
      /** x · x1, and what follows. */
      const pass = (x1: Pointer, ...then: readonly PostOp[]) => {
        const plan = b.plan('Adam', (out) =>
          dnn.api.planBinary(out, dnn.engine, multiply, all, x1, all, b.followedBy(...then)),
        )
        const more = then.flatMap(([, layout], i) => (layout ? [[postArg(i), layout] as const] : []))
        return new Step(dnn, 'Adam', plan, [[arg.x, all], [arg.x1, x1], [arg.y, all], ...more])
      }
      const average = pass(one, [add, all], [multiply, one])
      const squares = pass(all, [multiply, one], [add, all], [multiply, one])
      const inverse: PostOp = [power, undefined, 1, -1]
      const move: readonly PostOp[] = [
        [multiply, all],
        [multiply, one],
        [add, all],
        [multiply, one],
      ]
      const parameter = pass(one, [sqrt], [add, one], inverse, ...move)
      const factors = new OwnNumbers(names.length)
      const at = Object.fromEntries(names.map((name, i) => [name, factors.placeOf(i)])) as Factors
      return {
        run(from, grad, to, by) {
          setFactors(factors, by)
          average.run(from.avg, at.momByRest, to.avg, grad, at.rest)
          squares.run(grad, grad, to.sqrAvg, at.restBySqrMom, from.sqrAvg, at.sqrMom)
          parameter.run(to.sqrAvg, at.scale, to.param, at.eps, to.avg, at.step, from.param, at.keep)
        },
        destroy: () => destroyAll(average, squares, parameter, factors),
      }
    },
    size,
  )
}
