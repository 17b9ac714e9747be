import {
  type AnyModule,
  GELU,
  Mish,
  type NormType,
  ReLU,
  ReLU6,
  registerPart,
  Sigmoid,
  Swish,
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
import { untoldOf } from '../untold-of.js'
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
  Mish: () => new Mish(),
  SiLU: () => new Swish(),
  GELU: () => new GELU(),
}

/** How a U-Net is written into an exported bundle: the names and sizes that make the same layers again. */
export function portableUnet(
  arch: Arch,
  nOut: number,
  plan: UnetPlan,
  { cut, act, normType, ...rest }: UnetOptions & BodyOptions,
): Portable {
  const kind = act && kindOf(act)
  const options = Object.fromEntries(kept.filter((k) => rest[k] !== undefined).map((k) => [k, rest[k]]))
  const untold = untoldOf(arch, cut) ?? unknownAct(kind)
  const described = {
    ...archSpec(arch),
    ...(cut !== undefined && { cut }),
    nOut,
    plan,
    ...(kind && { act: kind }),
    ...(normType && { normType }),
    options,
  }
  return untold ? { name, untold } : { name, toJSON: () => described as unknown as { [key: string]: Json } }
}

/** What an activation is called, if it is one of those that bundles can name and not one derived from it. */
function kindOf(act: () => AnyModule): string {
  using made = act()
  const known = activations[made.kind]?.()
  return known && known.constructor !== made.constructor ? `another ${made.kind}` : made.kind
}

function unknownAct(kind: string | undefined): Portable['untold'] {
  if (kind === undefined || Object.hasOwn(activations, kind)) return undefined
  return {
    why: `its activation is ${kind}, which bundles do not know`,
    fix: `take one of ${Object.keys(activations).join(', ')}`,
  }
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
