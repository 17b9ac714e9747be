import type { Sequential, tf } from '@espalier/core'
import { checkOptions, describeNumber, EspalierError, Random } from '@espalier/data'
import { type AddHeadOptions, addHead, checkHead } from './add-head.js'
import { type BodyOptions, bodyOptionNames, createBody } from './body.js'
import { type HeadOptions, headOptionNames } from './head.js'
import { checkArch } from './models/check-arch.js'
import type { Arch } from './models/vision-model.js'
import { numFeatures } from './num-features.js'
import { orDispose } from './or-dispose.js'
import { portableModel } from './portable-model.js'

/** The options of body and head. */
export interface CreateVisionModelOptions extends BodyOptions, AddHeadOptions {}

/** A body and a head. */
export type GraftedModel = Sequential<[tf.Tensor4D], tf.Tensor2D>

/** Grafts a new head on the body of an architecture (fastai's `create_vision_model`): `[b, h, w, nIn]` → `[b, nOut]`. */
export async function createVisionModel(
  arch: Arch,
  nOut: number,
  options: CreateVisionModelOptions = {},
): Promise<GraftedModel> {
  checkOptions('createVisionModel', options, graftOptionNames)
  return graft(arch, nOut, options)
}

/** The names of the options of body and head together. */
export const graftOptionNames = [
  ...bodyOptionNames,
  ...headOptionNames,
  'customHead',
  'init',
  'seed',
] as const

/** {@link createVisionModel} with options whose names have been checked. */
export async function graft(
  arch: Arch,
  nOut: number,
  options: CreateVisionModelOptions = {},
): Promise<GraftedModel> {
  checkArch(arch)
  if (!Number.isInteger(nOut) || nOut < 1) {
    throw new EspalierError('model/n-out', `a model needs at least one output, got ${describeNumber(nOut)}`, {
      fix: 'leave nOut out: it is the number of classes of the data',
    })
  }
  const { nIn = 3, cut, customHead, init, seed } = options
  checkHead(customHead, init)
  if (seed !== undefined) new Random(seed, 'head') // Says what is wrong with a seed before anything is made.
  const body = await createBody(arch, pick(options, bodyOptionNames))
  return orDispose(body, () => {
    const head = pick(options, headOptionNames)
    const rest = pick(options, ['customHead', 'init', 'seed'])
    if (customHead) {
      const model = addHead(body, 1, nOut, rest)
      model.portable = { name: 'a model with a custom head' }
      return model
    }
    const nf = numFeatures(body, nIn)
    const model = addHead(body, nf, nOut, { ...head, ...rest })
    const shape = { nf, nOut, ...(head as HeadOptions) }
    model.portable = portableModel(arch, { nIn, head: shape, ...(cut !== undefined && { cut }) })
    return model
  })
}

/** Some of the options of a learner: those that are set. */
function pick<T extends object, K extends keyof T>(options: T, names: readonly K[]): Pick<T, K> {
  const set = names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]])
  return Object.fromEntries(set) as Pick<T, K>
}
