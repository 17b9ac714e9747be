import { type AnyModule, applyInit, Sequential, type tf, withSeed } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { type BodyOptions, createBody } from './body.js'
import { createHead, type HeadOptions } from './head.js'
import type { Arch } from './models/vision-model.js'
import { numFeatures } from './num-features.js'

export interface CreateVisionModelOptions extends BodyOptions, HeadOptions {
  /** A head of your own instead of {@link createHead}'s. */
  readonly customHead?: AnyModule
  /** Fixes the weights of the new head. */
  readonly seed?: number
}

/** A body and a head. */
export type GraftedModel = Sequential<[tf.Tensor4D], tf.Tensor2D>

/** Grafts a new head on the body of an architecture (fastai's `create_vision_model`): `[b, h, w, nIn]` → `[b, nOut]`. */
export async function createVisionModel(
  arch: Arch,
  nOut: number,
  { customHead, seed = 42, ...options }: CreateVisionModelOptions = {},
): Promise<GraftedModel> {
  if (!Number.isInteger(nOut) || nOut < 1)
    throw new EspalierError('model/n-out', `a model needs at least one output, got ${nOut}`)
  const body = await createBody(arch, options)
  const head = withSeed(seed, () => {
    const made = customHead ?? createHead(numFeatures(body, options.nIn), nOut, options)
    applyInit(made)
    return made
  })
  return new Sequential([body, head])
}
