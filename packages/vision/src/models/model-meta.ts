import { type AnyModule, type ParamGroups, params, type Sequential } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { type ImageStats, imagenetStats } from '../augment/normalize.js'
import { mobilenetV2 } from './mobilenet-v2.js'
import { resnet18, resnet34, resnet50 } from './resnet.js'
import { squeezenet1_0, squeezenet1_1 } from './squeezenet.js'
import type { Arch } from './vision-model.js'
import { xresnet18, xresnet34, xresnet50 } from './xresnet.js'

/** Where to cut a network so that its body is left: so many of its parts (negative: from the end), or a function. */
export type Cut = number | ((model: AnyModule) => AnyModule)

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
const resnet = (name: string): ModelMeta => ({
  cut: -2,
  split: splitBody(6),
  stats: imagenetStats,
  weights: hub(`${name}.tv_in1k`),
})
const xresnet: ModelMeta = { cut: -4, split: splitBody(3), stats: imagenetStats }
const squeezenet: ModelMeta = { cut: -1, split: splitBody(5, firstPart), stats: imagenetStats }

const known = new Map<Arch, ModelMeta>([
  [resnet18, resnet('resnet18')],
  [resnet34, resnet('resnet34')],
  [resnet50, resnet('resnet50')],
  [xresnet18, xresnet],
  [xresnet34, xresnet],
  [xresnet50, xresnet],
  [squeezenet1_0, squeezenet],
  [squeezenet1_1, squeezenet],
  [
    mobilenetV2,
    { cut: -1, split: splitBody(7, firstPart), stats: imagenetStats, weights: 'bundled:mobilenet_v2_body' },
  ],
])

/** The architectures by what is known of them; add your own with {@link registerArch}. */
export const modelMeta: ReadonlyMap<Arch, ModelMeta> = known

/** What is known of an architecture; body and head as groups and nothing else where it was never registered. */
export function metaOf(arch: Arch | undefined): ModelMeta {
  return (arch && known.get(arch)) ?? { split: defaultSplit }
}

/** Makes an architecture of your own known: learners can graft it, and exported models can name it. */
export function registerArch(arch: Arch, meta: ModelMeta): void {
  const other = [...known.keys()].find((a) => a.archName === arch.archName && a !== arch)
  if (other)
    throw new EspalierError('arch/name', `there already is an architecture '${arch.archName}'`, {
      fix: 'give yours another name',
    })
  known.set(arch, meta)
}

/** The architecture of a name. */
export function archByName(name: string): Arch {
  const found = [...known.keys()].find((a) => a.archName === name)
  if (found) return found
  throw new EspalierError('arch/unknown', `there is no architecture '${name}'`, {
    fix: `one of ${[...known.keys()].map((a) => a.archName).join(', ')}; your own are added with registerArch`,
  })
}
