import { type AnyModule, GELU, Mish, ReLU, ReLU6, Swish } from '@espalier/core'
import { describe, EspalierError, listed } from '@espalier/data'

const makers = {
  relu: () => new ReLU(),
  relu6: () => new ReLU6(),
  mish: () => new Mish(),
  swish: () => new Swish(),
  gelu: () => new GELU(),
} as const

/** An activation by name, or a function that makes one. */
export type Activation = keyof typeof makers | (() => AnyModule)

/** What makes an activation; undefined for the usual one. */
export function activationOf(act: Activation | undefined): (() => AnyModule) | undefined {
  if (act === undefined || typeof act === 'function') return act
  const make = Object.hasOwn(makers, act) ? makers[act] : undefined
  if (make) return make
  throw new EspalierError('arch/act', `there is no activation ${describe(act)}`, {
    fix: `one of ${listed(Object.keys(makers))}, or a function: act: () => new Mish()`,
  })
}
