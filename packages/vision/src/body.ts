import {
  AdaptiveAvgPool2d,
  AdaptiveConcatPool2d,
  AdaptiveMaxPool2d,
  type AnyModule,
  AvgPool2d,
  type LoadReport,
  loadStateDict,
  MaxPool2d,
  Module,
  type SafeTensor,
  Sequential,
  type tf,
  useEngine,
  withoutInit,
} from '@espalier/core'
import { describe, describeNumber, EspalierError, listed } from '@espalier/data'
import { replaceFirstConv } from './first-conv.js'
import { checkArch } from './models/check-arch.js'
import { type Cut, metaOf } from './models/model-meta.js'
import type { Arch } from './models/vision-model.js'
import { networkFor } from './network-for.js'
import { orDispose } from './or-dispose.js'
import { renamed } from './renamed.js'
import { type WeightsLike, weightsOf } from './weights.js'

/** A network without its classifier: images to feature maps, `[b, h, w, nIn]` → `[b, h/32, w/32, channels]` as a rule. */
export type Body = Sequential<[tf.Tensor4D], tf.Tensor4D>

/** Where a network is cut, what it takes and which weights it begins with. */
export interface BodyOptions {
  /** Default: what {@link modelMeta} knows, else before the last part that pools. */
  readonly cut?: Cut
  /** Input channels. Default 3. */
  readonly nIn?: number
  /** Default true. For a model that is passed in, it says whether its first filters are worth keeping. */
  readonly pretrained?: boolean
  /** Where the weights come from. Default: what {@link modelMeta} knows. */
  readonly weights?: WeightsLike
}

/** The names of these options. */
export const bodyOptionNames = [
  'cut',
  'nIn',
  'pretrained',
  'weights',
] as const satisfies readonly (keyof BodyOptions)[]

/**
 * The body of an architecture, pretrained unless told otherwise, or of a model you made (fastai's `create_body`;
 * the book passes the architecture, the library a model: both work). A model that is passed in is taken over: the
 * body keeps its parts, what the cut leaves out is given back.
 *
 * @example
 * const encoder = await createBody(resnet34, { cut: -2 }) // [b, h, w, 3] → [b, h/32, w/32, 512]
 */
export async function createBody(from: Arch | AnyModule, options: BodyOptions = {}): Promise<Body> {
  await useEngine()
  const { nIn = 3, pretrained = true } = options
  if (!(from instanceof Module)) checkArch(from)
  checkNIn(nIn)
  const arch = typeof from === 'function' ? from : undefined
  const meta = metaOf(arch)
  checkPretrained(options)
  const weights = options.weights ?? meta.weights
  const dict = arch && pretrained && weights !== undefined ? await weightsOf(weights) : undefined
  if (arch && pretrained && !dict) {
    throw new EspalierError('weights/none', `there are no pretrained weights for '${arch.archName}'`, {
      fix: 'pass weights (a .safetensors or .pth file), or pretrained: false',
    })
  }
  const cut = options.cut ?? meta.cut
  const make = () => (arch ? networkFor(arch, cut) : (from as AnyModule))
  const model = dict ? withoutInit(make) : make()
  return orDispose(model, () => {
    const body = cutModel(model, cut)
    if (dict) {
      const what = typeof weights === 'string' ? `the weights '${weights}'` : 'these weights'
      loadBody(model, body, renamed(model, dict, meta.keyMap), what)
    }
    disposeRest(model, body)
    if (nIn !== 3) replaceFirstConv(body, nIn, pretrained)
    return body
  })
}

/** Weights that are given and not to be used are a mistake that nobody would see. */
function checkPretrained({ pretrained, weights }: BodyOptions): void {
  if (pretrained !== false || weights === undefined) return
  throw new EspalierError('weights/pretrained', 'weights are given, but pretrained is false', {
    fix: 'leave pretrained out, and say learn.unfreeze() where all weights are to train at once',
  })
}

function checkNIn(nIn: unknown): void {
  if (Number.isInteger(nIn) && Number(nIn) >= 1) return
  throw new EspalierError('model/n-in', `nIn must be a number of channels, got ${describeNumber(nIn)}`, {
    fix: 'say 3 for colours, 1 for grey pictures',
  })
}

/** The parts of a model before a cut, as a sequence; the modules are the model's own. */
export function cutModel(model: AnyModule, cut: Cut = beforeLastPool(model)): Body {
  if (typeof cut === 'function') return bodyFrom(cut(model))
  const [at, ...inner] = checkedCut(cut)
  const parts = [...model.children()].map(([, part]) => part).slice(0, at)
  const last = parts.at(-1)
  if (!last) throw nothingLeft(model, at)
  return new Sequential(inner.length > 0 ? [...parts.slice(0, -1), cutInside(last, inner)] : parts)
}

/** Cuts the last part of a body further. Only of a sequence the first layers are a network of their own. */
function cutInside(part: AnyModule, [at, ...inner]: readonly number[]): AnyModule {
  if (!(part instanceof Sequential)) {
    throw new EspalierError('body/cut', `the cut goes on inside ${part.kind}, which is no sequence`, {
      fix: 'end it before: cut: -2 in place of cut: [-2, -1]',
    })
  }
  const left = part.slice(0, at)
  const last = left.layers.at(-1)
  if (!last) throw nothingLeft(part, at!)
  if (inner.length === 0) return left
  return new Sequential([...left.layers.slice(0, -1), cutInside(last, inner)], undefined, left.names)
}

function checkedCut(cut: unknown): readonly [number, ...number[]] {
  const places = [cut].flat()
  if (places.length > 0 && places.every(Number.isInteger)) return places as [number, ...number[]]
  throw new EspalierError(
    'body/cut',
    `the cut must be a whole number, a list of them or a function, got ${describeNumber(cut)}`,
    { fix: 'cut: -2 leaves out the last two parts' },
  )
}

function nothingLeft(model: AnyModule, at: number): EspalierError {
  return new EspalierError('body/cut', `the cut ${at} leaves nothing of the ${model.kind}`, {
    fix: `it has ${[...model.children()].length} parts; cut: -1 leaves out the last one`,
  })
}

/** What a function cut out. */
function bodyFrom(made: unknown): Body {
  if (made instanceof Module) return made as Body
  throw new EspalierError('body/cut', `the cut must return a module, got ${describe(made)}`, {
    fix: 'cut: (model) => new Sequential([...model.children()].slice(0, -2).map(([, part]) => part))',
  })
}

const pools = [MaxPool2d, AvgPool2d, AdaptiveAvgPool2d, AdaptiveMaxPool2d, AdaptiveConcatPool2d]

/** The number of the last part that is, or holds, a pooling layer. */
function beforeLastPool(model: AnyModule): number {
  const parts = [...model.children()].map(([, part]) => part)
  const last = parts.findLastIndex((part) =>
    [...part.modules()].some(([, m]) => pools.some((pool) => m instanceof pool)),
  )
  if (last >= 0) return last
  throw new EspalierError('body/cut', `no part of the ${model.kind} pools: there is no place to cut it`, {
    fix: 'say where: cut: -1 leaves out the last part',
  })
}

/** Loads what the body needs; a classifier that the file lacks or brings along does not matter. */
function loadBody(model: AnyModule, body: Body, dict: ReadonlyMap<string, SafeTensor>, what: string): void {
  const needed = new Set([...body.weights()].map((w) => w.variable))
  const paths = new Set([...model.weights()].filter((w) => needed.has(w.variable)).map((w) => w.path))
  const heads = new Set(
    [...model.weights()].filter((w) => !needed.has(w.variable)).map((w) => w.path.split('.')[0]),
  )
  // A classifier for other classes is of another shape: it is left out before shapes are compared.
  const own = new Map([...dict].filter(([key]) => !heads.has(key.split('.')[0]) || paths.has(key)))
  const { missing, unexpected } = fit(model, own, what)
  const lacking = missing.filter((path) => paths.has(path))
  if (lacking.length === 0 && unexpected.length === 0) return
  const problems = [
    ...(lacking.length ? [`${lacking.length} missing: ${listed(lacking)}`] : []),
    ...(unexpected.length ? [`${unexpected.length} unexpected: ${listed(unexpected)}`] : []),
  ]
  throw new EspalierError(
    'weights/mismatch',
    `${what} do not fit the body of the ${model.kind}: ${problems.join('; ')}`,
    { fix: together },
  )
}

const together = 'check that architecture and weights belong together, or say pretrained: false'

/** Loads what is there by name; shapes that differ are an error that says which weights they are of. */
function fit(model: AnyModule, dict: ReadonlyMap<string, SafeTensor>, what: string): LoadReport {
  try {
    return loadStateDict(model, dict, { strict: false })
  } catch (error) {
    if (!(error instanceof EspalierError) || error.code !== 'weights/mismatch') throw error
    const [problem = ''] = error.message.split('\n')
    throw new EspalierError(error.code, problem.replace(/^these weights/, what), {
      fix: together,
      cause: error,
    })
  }
}

/** Gives back the weights that the cut left out. */
export function disposeRest(model: AnyModule, body: Body): void {
  const kept = new Set([...body.weights()].map((w) => w.variable))
  for (const { variable } of model.weights()) if (!kept.has(variable)) variable.dispose()
}
