import type { Json } from '@espalier/data'
import { installedPlatform } from '../platform.js'
import type { FitState } from './events.js'

/** What a fit was to do, and how it went: what run cards tell besides its curves. */
export interface FitAbout {
  /** `fitOneCycle`, `fineTune frozen`. */
  readonly phase: string
  readonly epochs: number
  /** Groups that did not train, but for their norm layers. */
  readonly frozen: number
  /** Hyper-parameters of each group when the fit began. */
  readonly hypers: readonly Readonly<Record<string, number>>[]
  /** Those that took part, with what they say of themselves. */
  readonly callbacks: readonly { readonly name: string; readonly options?: Json }[]
  /** Milliseconds since 1970. */
  readonly began: number
  readonly ended?: number
  /** `over`, `interrupted`, or `failed: ` and the code of an error; nothing while it runs. */
  readonly end?: string
}

/** Describes a fit as it begins. Progress bars say nothing of a run. */
export function aboutFit({ learn, phase, nEpoch }: FitState): FitAbout {
  const { opt } = learn
  const taking = learn.orderedCbs().filter((cb) => cb.name !== 'progress')
  return {
    phase,
    epochs: nEpoch,
    frozen: opt.frozenIdx,
    hypers: opt.hypers.map((h) => ({ ...h })),
    callbacks: taking.map((cb) => ({ name: cb.name, ...(cb.describeRun && { options: cb.describeRun() }) })),
    began: timeNow(),
  }
}

/** Milliseconds since 1970, by the clock of the platform where there is one. */
export function timeNow(): number {
  return installedPlatform()?.now() ?? performance.timeOrigin + performance.now()
}
