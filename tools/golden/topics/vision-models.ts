import {
  AdaptiveAvgPool2d,
  type AnyModule,
  BatchNorm,
  Conv2d,
  MaxPool2d,
  Sequential,
  tf,
  withoutInit,
} from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import {
  archByName,
  type BodyAndHead,
  createBody,
  createHead,
  createVisionModel,
  defaultSplit,
  type HeadOptions,
  metaOf,
  numFeatures,
} from '@espalier/vision'
import { type Check, checkTensor, checkValue, inputTensor, toNchw, unmet } from '../check.js'
import { parseCalls } from '../python-call.js'
import { buildLayer, loadFormula } from '../tiny-model.js'
import { camelCased, countValues, listed } from './modules.js'

interface MetaRow {
  readonly arch: string
  /** The name of the function, which is Python's own; what it does is seen in the groups. */
  readonly split: string
}

/** What is known of each architecture, and the body, head and groups that come of it. */
export async function runModelMeta(golden: GoldenCase): Promise<Check[]> {
  const { input, n_out: nOut } = golden.json.config as {
    input: [number, number, number, number]
    n_out: number
  }
  const { rows, default_meta: byDefault } = golden.json.expected as {
    rows: MetaRow[]
    default_meta?: unknown
  }
  const checks: Check[] = unmet(golden, ['rows', 'default_meta'])
  const unknown = metaOf(undefined)
  if (byDefault !== undefined) {
    const got = {
      cut: unknown.cut ?? null,
      split: unknown.split === defaultSplit ? 'default_split' : 'another',
    }
    checks.push(checkValue(golden, 'default_meta', got))
  }
  for (const want of rows) checks.push(checkValue(golden, want.arch, await metaRow(want, input, nOut), want))
  return checks
}

async function metaRow({ arch: name, split }: MetaRow, [b, c, h, w]: readonly number[], nOut: number) {
  const arch = archByName(name)
  const meta = metaOf(arch)
  const model = await withoutInit(() => createVisionModel(arch, nOut, { pretrained: false }))
  using _owner = model
  const [body, head] = model.layers as [AnyModule, AnyModule]
  body.eval()
  const shape = tf.tidy(() => toNchw(body.forward(tf.zeros([b!, h!, w!, c!]) as never) as tf.Tensor).shape)
  return {
    arch: name,
    cut: meta.cut ?? null,
    split: (meta.split === defaultSplit) === (split === 'default_split') ? split : 'another',
    stats: meta.stats ? [meta.stats.mean, meta.stats.std] : null,
    weights: meta.weights === undefined ? null : 'DEFAULT',
    body_children: [...body.children()].map(([, child]) => child.kind),
    body_out_shape: shape,
    num_features: numFeatures(body),
    n_params: countValues(model),
    groups: groupsOf(model, meta.split).map((group) => ({
      ...sizes(group),
      first: group[0]!.path,
      last: group.at(-1)!.path,
    })),
    head_state_dict: listed(head),
  }
}

interface Member {
  readonly path: string
  readonly size: number
}

/** The parameters of the groups of a grafted model. */
function groupsOf(model: AnyModule, split = defaultSplit): Member[][] {
  const paths = new Map([...model.weights()].map((w) => [w.variable, w.path]))
  return split(model as BodyAndHead).map((group) => group.map((v) => ({ path: paths.get(v)!, size: v.size })))
}

const sizes = (group: readonly Member[]) => ({
  n_tensors: group.length,
  n_values: group.reduce((n, { size }) => n + size, 0),
})

/** A body and a head, whole: logits and groups. */
export async function runVisionModel(golden: GoldenCase): Promise<Check[]> {
  const {
    arch: name,
    nOut,
    ...options
  } = camelCased<HeadOptions & { arch: string; nOut: number }>(golden.json.config)
  const arch = archByName(name)
  using model = await withoutInit(() => createVisionModel(arch, nOut, { ...options, pretrained: false }))
  loadFormula(model, golden)
  model.eval()
  const logits = tf.tidy(() => model.forward(inputTensor(golden, 'x') as tf.Tensor4D))
  const checks = [
    checkTensor(golden, 'logits', logits),
    checkValue(golden, 'groups', groupsOf(model, metaOf(arch).split).map(sizes)),
    ...unmet(golden, ['logits', 'groups']),
  ]
  logits.dispose()
  return checks
}

/** A network that nothing is known of: where it is cut, and its groups. */
export async function runUnknownArch(golden: GoldenCase): Promise<Check[]> {
  const children = (golden.json.config['children'] as string[]).map(
    (text) => text.split(/ (.*)/s) as [string, string],
  )
  const net = new Sequential(
    children.map(([, layer]) => imageLayer(layer)),
    'Net',
    children.map(([name]) => name),
  )
  const body = await createBody(net)
  using model = new Sequential([body, createHead(numFeatures(body), 2)])
  return [
    checkValue(
      golden,
      'body_children',
      [...body.children()].map(([, child]) => child.kind),
    ),
    checkValue(golden, 'num_features', numFeatures(body)),
    checkValue(
      golden,
      'groups',
      groupsOf(model).map((group) => group.map(({ path }) => path)),
    ),
    ...unmet(golden, ['body_children', 'num_features', 'groups']),
  ]
}

/** `Conv2d(4,6,3)` and the other layers for images; sequences of them. */
function imageLayer(text: string): AnyModule {
  const { name, args } = parseCalls(text)[0]!
  const numbers = args as readonly number[]
  if (name === 'Conv2d') return new Conv2d(numbers[0]!, numbers[1]!, numbers[2]!)
  if (name === 'BatchNorm2d') return new BatchNorm(numbers[0]!)
  if (name === 'MaxPool2d') return new MaxPool2d(numbers[0]!)
  if (name === 'AdaptiveAvgPool2d') return new AdaptiveAvgPool2d(numbers[0])
  if (name === 'Sequential') return new Sequential(args.map((layer) => imageLayer(layer as string)))
  return buildLayer(text)
}
