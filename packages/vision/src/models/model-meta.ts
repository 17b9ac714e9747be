import { type AnyModule, type ParamGroups, params, type Sequential } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { type ImageStats, imagenetStats } from '../augment/normalize.js'
import { alexnet } from './alexnet.js'
import { convnextTiny } from './convnext.js'
import { densenets } from './densenet.js'
import { efficientnetB0 } from './efficientnet.js'
import { mobilenetV2 } from './mobilenet-v2.js'
import { resnets } from './resnet.js'
import { squeezenet1_0, squeezenet1_1 } from './squeezenet.js'
import {
  convNeXtNames,
  denseNetNames,
  efficientNetNames,
  type KeyMap,
  mobileNetNames,
  vggNames,
} from './timm-names.js'
import { vggs } from './vgg.js'
import type { Arch } from './vision-model.js'
import { xresnets } from './xresnet.js'

/**
 * Where to cut a network so that its body is left: so many of its parts (negative: from the end). A list goes on inside
 * the last part that is left: `[-1, -1]` leaves out the last layer of MobileNetV2's features too. A function returns the
 * body, and cannot be exported.
 */
export type Cut = number | readonly number[] | ((model: AnyModule) => AnyModule)

/** A body followed by a head. */
export type BodyAndHead = Sequential<never[], unknown>

/** What grafting needs to know of an architecture (fastai's `model_meta`). */
export interface ModelMeta {
  /** Default: before the last part that pools. */
  readonly cut?: Cut
  /** Divides body and head into groups of parameters, first layers first. */
  readonly split: (model: BodyAndHead) => ParamGroups
  readonly stats?: ImageStats
  /** Pretrained weights: `bundled:NAME`, `hf://org/name/file` or any other reference that weights are found by. */
  readonly weights?: string
  /** torch's names of the weights in checkpoints that have others, as timm's do. */
  readonly keyMap?: KeyMap
}

/** The groups of a model whose body is divided before part `at` of the sequence that `inside` finds in it. */
const splitBody =
  (at: number, inside: (body: AnyModule) => AnyModule = (body) => body) =>
  (model: BodyAndHead): ParamGroups => {
    const [body, head] = model.layers as [AnyModule, AnyModule]
    const parts = [...inside(body).children()].map(([, part]) => part)
    const group = (modules: readonly AnyModule[]) => modules.flatMap(params)
    return [group(parts.slice(0, at)), group(parts.slice(at)), params(head)]
  }

const firstPart = (body: AnyModule): AnyModule => [...body.children()][0]![1]

/** Body and head, for architectures that nothing is known of (fastai's `default_split`). */
export const defaultSplit = (model: BodyAndHead): ParamGroups => model.layers.map(params)

const hub = (name: string) => `hf://timm/${name}/model.safetensors`
const torchHub = (file: string) => `https://download.pytorch.org/models/${file}`
const stats = imagenetStats

/** Body and classifier are parts of their own: the body lies in `features`, and is divided there. */
const inFeatures = (cut: number, at: number, weights: string, keyMap?: KeyMap): ModelMeta => ({
  cut,
  split: splitBody(at, firstPart),
  stats,
  weights,
  ...(keyMap && { keyMap }),
})
const resnet = (arch: Arch): [Arch, ModelMeta] => [
  arch,
  { cut: -2, split: splitBody(6), stats, weights: hub(`${arch.archName}.tv_in1k`) },
]
const vgg = (arch: Arch): [Arch, ModelMeta] => [
  arch,
  inFeatures(-2, 22, hub(`${arch.archName}.tv_in1k`), vggNames),
]
const densenet = (arch: Arch): [Arch, ModelMeta] => [
  arch,
  inFeatures(-1, 7, hub(`${arch.archName}.tv_in1k`), denseNetNames),
]
const xresnet: ModelMeta = { cut: -4, split: splitBody(3), stats }

const known = new Map<Arch, ModelMeta>([
  ...resnets.map(resnet),
  ...xresnets.map((arch): [Arch, ModelMeta] => [arch, xresnet]),
  [squeezenet1_0, inFeatures(-1, 5, torchHub('squeezenet1_0-b66bff10.pth'))],
  [squeezenet1_1, inFeatures(-1, 5, torchHub('squeezenet1_1-b8a52dc0.pth'))],
  ...densenets.map(densenet),
  ...vggs.map(vgg),
  [alexnet, inFeatures(-2, 6, torchHub('alexnet-owt-7be5be79.pth'))],
  [mobilenetV2, inFeatures(-1, 7, 'bundled:mobilenet_v2_body', mobileNetNames)],
  [efficientnetB0, inFeatures(-2, 4, hub('efficientnet_b0.ra_in1k'), efficientNetNames)],
  [convnextTiny, inFeatures(-2, 4, hub('convnext_tiny.fb_in1k'), convNeXtNames)],
])

/** The architectures by what is known of them; add your own with {@link registerArch}. */
export const modelMeta: ReadonlyMap<Arch, ModelMeta> = known

/** What is known of an architecture; body and head as groups and nothing else where it was never registered. */
export function metaOf(arch: Arch | undefined): ModelMeta {
  return (arch && known.get(arch.base ?? arch)) ?? { split: defaultSplit }
}

/**
 * Makes an architecture of your own known: learners can graft it, and exported models can name it. What is left out is
 * found as for any other: a cut before the last part that pools, body and head as groups.
 *
 * @example
 * registerArch(arch('my-net', (options) => new MyNet(options)), { cut: -2, stats: imagenetStats })
 */
export function registerArch(arch: Arch, meta: Partial<ModelMeta> = {}): void {
  const other = [...known.keys()].find((a) => a.archName === arch.archName && a !== (arch.base ?? arch))
  if (other)
    throw new EspalierError('arch/name', `there already is an architecture '${arch.archName}'`, {
      fix: 'give yours another name',
    })
  known.set(arch.base ?? arch, { split: defaultSplit, ...meta })
}

/** The architecture of a name. */
export function archByName(name: string): Arch {
  const found = [...known.keys()].find((a) => a.archName === name)
  if (found) return found
  throw new EspalierError('arch/unknown', `there is no architecture '${name}'`, {
    fix: `one of ${[...known.keys()].map((a) => a.archName).join(', ')}; your own are added with registerArch`,
  })
}
