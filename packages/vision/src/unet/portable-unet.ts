import {
  type AnyModule,
  type NormType,
  ReLU,
  ReLU6,
  registerPart,
  Sigmoid,
  Tanh,
  withoutInit,
} from '@espalier/core'
import { EspalierError, type Json, type Portable } from '@espalier/data'
import { type BodyOptions, createBody } from '../body.js'
import { type ArchSpec, archOf, archSpec } from '../models/arch-spec.js'
import { type Cut, metaOf } from '../models/model-meta.js'
import type { Arch } from '../models/vision-model.js'
import { networkFor } from '../network-for.js'
import { orDispose } from '../or-dispose.js'
import { DynamicUnet, type UnetOptions } from './dynamic-unet.js'
import type { UnetPlan } from './plan-unet.js'

const name = 'unetModel'

/** What a bundle says of a U-Net. */
interface Described extends ArchSpec {
  readonly cut?: Cut
  readonly nOut: number
  readonly plan: UnetPlan
  readonly act?: string
  readonly normType?: NormType
  readonly options: Pick<UnetOptions, (typeof kept)[number]>
}

const kept = ['blur', 'blurFinal', 'selfAttention', 'yRange', 'lastCross', 'bottle'] as const

/** The activations that a bundle can name. */
const activations: Readonly<Record<string, () => AnyModule>> = {
  ReLU: () => new ReLU(),
  ReLU6: () => new ReLU6(),
  Sigmoid: () => new Sigmoid(),
  Tanh: () => new Tanh(),
}

/** How a U-Net is written into an exported bundle: the names and sizes that make the same layers again. */
export function portableUnet(
  arch: Arch,
  nOut: number,
  plan: UnetPlan,
  { cut, act, normType, ...rest }: UnetOptions & BodyOptions,
): Portable {
  const kind = act && (act() as AnyModule).kind
  const options = Object.fromEntries(kept.filter((k) => rest[k] !== undefined).map((k) => [k, rest[k]]))
  const spec = archSpec(arch)
  const described = {
    ...spec,
    ...(cut !== undefined && { cut }),
    nOut,
    plan,
    ...(kind && { act: kind }),
    ...(normType && { normType }),
    options,
  }
  const tellable = spec && typeof cut !== 'function' && (!kind || Object.hasOwn(activations, kind))
  return { name, ...(tellable && { toJSON: () => described as unknown as { [key: string]: Json } }) }
}

/** Makes the layers of a described U-Net; the weights are loaded into them next. */
async function makeUnet(described: Described): Promise<AnyModule> {
  const { cut, nOut, plan, act, normType, options, ...spec } = described
  checkSizes(described)
  const arch = archOf(spec)
  const at = cut ?? metaOf(arch).cut
  const body = await createBody(
    withoutInit(() => networkFor(arch, at)),
    {
      ...(at !== undefined && { cut: at }),
      nIn: plan.nIn,
      pretrained: false,
    },
  )
  const makeAct = act === undefined ? undefined : activations[act]
  return orDispose(body, () =>
    withoutInit(
      () =>
        new DynamicUnet(body, nOut, plan, {
          ...options,
          ...(makeAct && { act: makeAct }),
          ...(normType && { normType }),
        }),
    ),
  )
}

/** Lets bundles name U-Nets. */
export function registerUnetModel(): void {
  registerPart('model', name, makeUnet)
}

/** The sizes come from a file: none may ask for more memory than a U-Net can need. */
function checkSizes({ nOut, plan, act }: Described): void {
  const skips = Array.isArray(plan?.skips) ? plan.skips : []
  const sizes = [nOut, plan?.nIn, plan?.nFeatures, ...skips.map((s) => s?.channels)]
  const parts = skips.map((s) => s?.part)
  const fit = sizes.every((n) => Number.isInteger(n) && n >= 1 && n <= 65_536)
  const ordered = parts.every((p, i) => Number.isInteger(p) && p >= 0 && (i === 0 || p < parts[i - 1]!))
  const known = act === undefined || Object.hasOwn(activations, act)
  if (fit && ordered && known && parts.length <= 16 && weightsOf(plan) < 2 ** 30) return
  throw new EspalierError(
    'bundle/size',
    `the U-Net asks for layers of [${sizes}] channels, more than can be meant`,
    {
      fix: 'the file is damaged, or was tampered with',
    },
  )
}

/** About how many weights the large convolutions of a decoder have. */
function weightsOf({ nFeatures, skips }: UnetPlan): number {
  let [n, sum] = [nFeatures, 36 * nFeatures ** 2]
  for (const { channels } of skips) {
    sum += 2 * n ** 2
    n = Math.floor(n / 2) + channels
    sum += 18 * n ** 2
  }
  return sum
}
