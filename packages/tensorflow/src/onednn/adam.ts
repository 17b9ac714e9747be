import type { Pointer } from '../native/library.js'
import { bytesOf, copyBytes, type Scratch } from '../native/memory.js'
import { algorithm, arg, postArg } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { building, destroyAll, type PostOp, Step } from './plan.js'

/** The numbers of a step of Adam: rate and averages as they are applied, in the order of `numbers`. */
export interface AdamNumbers {
  readonly mom: number
  readonly rest: number
  readonly sqrMom: number
  readonly sqrRest: number
  /** What the average of squares is multiplied with before its root is taken. */
  readonly scale: number
  readonly eps: number
  readonly rate: number
  readonly keep: number
}

const numbers = ['mom', 'rest', 'sqrMom', 'sqrRest', 'scale', 'eps', 'rate', 'keep'] as const

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

const bytes = Float32Array.BYTES_PER_ELEMENT
const line = 64

/** Plans it as seven passes over numbers that a cache holds. Its factors are data: new rates need no new plan. */
export function planAdam(dnn: OneDnn, size: number, scratch: Scratch): AdamPlan {
  const { add, multiply, subtract, divide, sqrt } = algorithm
  const between = Math.ceil((size * bytes) / line) * line
  const factors = new Float32Array(numbers.length)
  return building(
    dnn,
    (b) => {
      const all = b.layout([size], [1])
      const one = b.layout([1], [1])
      /** x ∘ x1, and what follows. */
      const pass = (kind: number, x1: Pointer, ...then: readonly PostOp[]) => {
        const attributes = then.length > 0 ? b.followedBy(...then) : null
        const plan = b.plan('Adam', (out) =>
          dnn.api.planBinary(out, dnn.engine, kind, all, x1, all, attributes),
        )
        const more = then.flatMap(([, layout], i) => (layout ? [[postArg(i), layout] as const] : []))
        return new Step(dnn, 'Adam', plan, [[arg.x, all], [arg.x1, x1], [arg.y, all], ...more])
      }
      const scaled = pass(multiply, one)
      const plus = pass(multiply, one, [add, all])
      const squared = pass(multiply, all, [multiply, one])
      const root = pass(multiply, one, [sqrt], [add, one])
      const quotient = pass(multiply, one, [divide, all])
      const minus = pass(multiply, one, [subtract, all])
      const steps = [scaled, plus, squared, root, quotient, minus]
      return {
        run(from, grad, to, by) {
          const start = scratch.reserve(2 * between + numbers.length * bytes)
          const [a, c] = [start, start + BigInt(between)]
          const place = start + BigInt(2 * between)
          for (const [i, name] of numbers.entries()) factors[i] = by[name]
          copyBytes(place, bytesOf(factors), factors.byteLength)
          const at = (name: (typeof numbers)[number]) => place + BigInt(numbers.indexOf(name) * bytes)

          scaled.run(grad, at('rest'), a)
          plus.run(from.avg, at('mom'), to.avg, a)
          squared.run(grad, grad, a, at('sqrRest'))
          plus.run(from.sqrAvg, at('sqrMom'), to.sqrAvg, a)
          root.run(to.sqrAvg, at('scale'), a, at('eps'))
          quotient.run(to.avg, at('rate'), c, a)
          minus.run(from.param, at('keep'), to.param, c)
        },
        destroy: () => destroyAll(...steps),
      }
    },
    size,
  )
}
