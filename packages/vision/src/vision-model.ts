import { type AnyModule, applyInit, Module, Sequential, type tf, withSeed } from '@espalier/core'
import { describe, describeNumber, EspalierError, type Portable, Random } from '@espalier/data'
import { type BodyOptions, createBody } from './body.js'
import { createHead, type HeadOptions } from './head.js'
import { checkArch } from './models/check-arch.js'
import type { Arch } from './models/vision-model.js'
import { numFeatures } from './num-features.js'
import { orDispose } from './or-dispose.js'
import { portableModel } from './portable-model.js'

/** The options of body and head, and a head of your own. */
export interface CreateVisionModelOptions extends BodyOptions, HeadOptions {
  /** A head of your own instead of {@link createHead}'s. */
  readonly customHead?: AnyModule
  /** Fixes the weights of the new head. */
  readonly seed?: number
}

/** A body and a head. */
export type GraftedModel = Sequential<[tf.Tensor4D], tf.Tensor2D>

/** A grafted model and how a bundle writes it down. */
export interface Graft {
  readonly model: GraftedModel
  readonly portable: Portable
}

/** Grafts a new head on the body of an architecture (fastai's `create_vision_model`): `[b, h, w, nIn]` → `[b, nOut]`. */
export async function createVisionModel(
  arch: Arch,
  nOut: number,
  options: CreateVisionModelOptions = {},
): Promise<GraftedModel> {
  return (await graft(arch, nOut, options)).model
}

/** {@link createVisionModel}, with what an export needs to know. */
export async function graft(
  arch: Arch,
  nOut: number,
  { customHead, seed = 42, ...options }: CreateVisionModelOptions = {},
): Promise<Graft> {
  checkArch(arch)
  if (!Number.isInteger(nOut) || nOut < 1) {
    throw new EspalierError('model/n-out', `a model needs at least one output, got ${describeNumber(nOut)}`, {
      fix: 'leave nOut out: it is the number of classes of the data',
    })
  }
  if (customHead !== undefined && !(customHead instanceof Module)) {
    throw new EspalierError('model/head', `a custom head must be a module, got ${describe(customHead)}`, {
      fix: 'say customHead: createHead(nf, nOut)',
    })
  }
  new Random(seed, 'head') // Says what is wrong with a seed before anything is made.
  const { nIn = 3, cut } = options
  const body = await createBody(arch, options)
  return orDispose(body, () => {
    const shape = { nf: numFeatures(body, nIn), nOut, ...pickHeadOptions(options) }
    const head = withSeed(seed, () => {
      const made = customHead ?? createHead(shape.nf, nOut, options)
      applyInit(made)
      return made
    })
    const portable = customHead
      ? { name: 'a model with a custom head' }
      : portableModel(arch, { nIn, head: shape, ...(cut !== undefined && { cut }) })
    return { model: new Sequential([body, head]), portable }
  })
}

/** The options of a head among those of a learner. */
function pickHeadOptions(options: HeadOptions): HeadOptions {
  const names = ['linFtrs', 'ps', 'pool', 'concatPool', 'firstBn', 'bnFinal', 'linFirst', 'yRange'] as const
  return Object.fromEntries(names.filter((n) => options[n] !== undefined).map((n) => [n, options[n]]))
}
