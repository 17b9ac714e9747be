import { withSeed } from '@espalier/core'
import { checkOptions, Random } from '@espalier/data'
import { type BodyOptions, bodyOptionNames, createBody } from '../body.js'
import { checkArch } from '../models/check-arch.js'
import type { Arch } from '../models/vision-model.js'
import { orDispose } from '../or-dispose.js'
import { DynamicUnet, type UnetOptions, unetOptionNames } from './dynamic-unet.js'
import { portableUnet } from './portable-unet.js'

/** The options of body and decoder. */
export interface CreateUnetOptions extends BodyOptions, UnetOptions {
  /** Fixes the weights of the decoder. */
  readonly seed?: number
}

/**
 * A U-Net over the body of an architecture (fastai's `create_unet_model`): `[b, h, w, nIn]` → `[b, h, w, nOut]`.
 *
 * @example
 * await createUnetModel(resnet34, 12, [360, 480], { blur: true })
 */
export async function createUnetModel(
  arch: Arch,
  nOut: number,
  imgSize: readonly [height: number, width: number],
  options: CreateUnetOptions = {},
): Promise<DynamicUnet> {
  checkOptions('createUnetModel', options, makeUnetOptionNames)
  return makeUnet(arch, nOut, imgSize, options)
}

/** The names of the options of body and decoder together. */
export const makeUnetOptionNames = [...bodyOptionNames, ...Object.keys(unetOptionNames), 'seed']

/** {@link createUnetModel} with options that have been checked. */
export async function makeUnet(
  arch: Arch,
  nOut: number,
  imgSize: readonly [height: number, width: number],
  { seed = 42, ...options }: CreateUnetOptions = {},
): Promise<DynamicUnet> {
  checkArch(arch)
  new Random(seed, 'unet') // Says what is wrong with a seed before anything is made.
  const body = await createBody(arch, options)
  return orDispose(body, () => {
    const model = withSeed(seed, () => new DynamicUnet(body, nOut, imgSize, options))
    model.portable = portableUnet(arch, nOut, model.plan, options)
    return model
  })
}
