import {
  type AnyModule,
  applyInit,
  kaimingNormal,
  Module,
  Sequential,
  type tf,
  withSeed,
} from '@espalier/core'
import { describe, EspalierError } from '@espalier/data'
import { createHead, type HeadOptions } from './head.js'
import type { GraftedModel } from './vision-model.js'

/** What the weights of a new head begin with: drawn by shape, or left as its layers made them. */
export type HeadInit = ((shape: readonly number[]) => tf.Tensor) | null

/** The options of a head, and a head of your own. */
export interface AddHeadOptions extends HeadOptions {
  /** A head of your own instead of {@link createHead}'s. */
  readonly customHead?: AnyModule
  /** Draws the weights of the head, norm layers excepted; null leaves them. Default {@link kaimingNormal}. */
  readonly init?: HeadInit
  /** Fixes the weights of the new head. */
  readonly seed?: number
}

/** A body with a head on it (fastai's `add_head`): `nf` are the channels of the body. */
export function addHead(
  body: AnyModule,
  nf: number,
  nOut: number,
  { customHead, init = kaimingNormal, seed = 42, ...options }: AddHeadOptions = {},
): GraftedModel {
  checkHead(customHead, init)
  const head = withSeed(seed, () => {
    const made = customHead ?? createHead(nf, nOut, options)
    if (init) applyInit(made, init)
    return made
  })
  return new Sequential([body, head])
}

/** Throws where a head is no module, or what draws its weights no function. */
export function checkHead(customHead: unknown, init: unknown): void {
  if (customHead !== undefined && !(customHead instanceof Module)) {
    throw new EspalierError('model/head', `a custom head must be a module, got ${describe(customHead)}`, {
      fix: 'say customHead: createHead(nf, nOut)',
    })
  }
  if (init === null || init === undefined || typeof init === 'function') return
  throw new EspalierError('model/init', `init draws weights: it must be a function, got ${describe(init)}`, {
    fix: 'say init: kaimingNormal, or null to leave the weights as they are',
  })
}
