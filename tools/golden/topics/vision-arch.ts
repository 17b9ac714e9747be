import {
  type AnyModule,
  type BlockKind,
  crossEntropyFlat,
  record,
  resBlock,
  Sequential,
  seBlock,
  separableBlock,
  seResNeXtBlock,
  stateDict,
  tf,
  withoutInit,
} from '@espalier/core'
import { ndArray } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import {
  type Arch,
  arch,
  archByName,
  type Body,
  type Cut,
  createBody,
  modelMeta,
  numFeatures,
  type XResNetOptions,
  xResNet,
} from '@espalier/vision'
import { activation } from '../activations.js'
import { type Check, checkTensor, checkValue, inputTensor, toNchw, unmet } from '../check.js'
import { formulaWeights, loadFormula } from '../tiny-model.js'
import { camelCased, checkAfter, countValues, inTorch } from './modules.js'

interface Config {
  readonly arch?: string
  readonly cut?: number | string | null
  readonly n_in?: number | null
  readonly pretrained?: boolean | null
}

const configOf = (golden: GoldenCase) => golden.json.config as unknown as Config

/** The architecture of a case: by name, or a network that is put together from fastai's blocks. */
function archOf(golden: GoldenCase): Arch {
  const { arch: name } = configOf(golden)
  return name === undefined ? blocksOf(golden.json.config as unknown as XConfig) : archByName(name)
}

/** The options of fastai's `XResNet`, as Python has them. */
interface XConfig extends Omit<XResNetOptions, 'act' | 'pool' | 'normType'> {
  readonly block: string
  readonly expansion: number
  readonly layers: readonly number[]
  readonly act_cls?: string
}

const blockKinds: Readonly<Record<string, BlockKind>> = {
  ResBlock: resBlock,
  SEBlock: seBlock,
  SEResNeXtBlock: seResNeXtBlock,
  SeparableBlock: separableBlock,
}

function blocksOf(config: XConfig): Arch {
  const kind = blockKinds[config.block]
  if (!kind) throw new Error(`the golden runner knows no block '${config.block}'`)
  const {
    block: _,
    expansion,
    layers,
    actCls,
    nOut,
    cut: __,
    ...options
  } = camelCased<Omit<XConfig, 'act_cls'> & { actCls?: string; nOut?: number; cut?: unknown }>(
    config as unknown as Record<string, unknown>,
  )
  return arch('custom', (more) =>
    xResNet(kind, expansion, layers, {
      ...options,
      ...(nOut !== undefined && { numClasses: nOut }),
      ...(actCls && { act: () => activation(actCls) }),
      ...more,
    }),
  )
}

/** A whole network, or its body; undefined for one that the library lacks. */
export async function runNetwork(golden: GoldenCase): Promise<Check[] | undefined> {
  const { arch: name } = configOf(golden)
  if (name !== undefined && ![...modelMeta.keys()].some((a) => a.archName === name)) return undefined
  if ('loss' in golden.json.expected) return runTrain(golden)
  return 'logits' in golden.json.expected ? runLogits(golden) : runBodyOnly(golden)
}

/** In eval mode: logits, body, what each part of the body gives. */
async function runLogits(golden: GoldenCase): Promise<Check[]> {
  const { cut } = configOf(golden)
  const model = withoutInit(() => archOf(golden)({ numClasses: golden.expected('logits').shape[1]! }))
  loadFormula(model, golden)
  model.eval()
  const checks = [checkValue(golden, 'n_params', countValues(model))]
  tf.tidy(() =>
    checks.push(checkTensor(golden, 'logits', model.forward(inputTensor(golden, 'x') as tf.Tensor4D))),
  )
  using body = await createBody(model, cutOf(cut))
  const [done, more] = checkBody(golden, body)
  return [...checks, ...more, ...unmet(golden, ['n_params', 'logits', ...done])]
}

/** A body with weights of its own. */
async function runBodyOnly(golden: GoldenCase): Promise<Check[]> {
  const { cut } = configOf(golden)
  using body = await createBody(withoutInit(archOf(golden)), cutOf(cut))
  loadFormula(body, golden)
  const [done, more] = checkBody(golden, body)
  return [checkValue(golden, 'n_params', countValues(body)), ...more, ...unmet(golden, ['n_params', ...done])]
}

/** A body whose first convolution is rebuilt for another number of channels. */
export async function runBody(golden: GoldenCase): Promise<Check[]> {
  using body = await bodyOf(golden)
  const [done, checks] = checkBody(golden, body)
  return [...checks, ...unmet(golden, done)]
}

async function bodyOf(golden: GoldenCase): Promise<Body> {
  const { cut, ...config } = configOf(golden)
  const [arch, nIn] = [archOf(golden), config.n_in ?? 3]
  if (config.pretrained === false) {
    const body = await createBody(withoutInit(arch), { nIn, pretrained: false, ...cutOf(cut) })
    loadFormula(body, golden)
    return body
  }
  // Without a cut fastai looks for the last pool of the model that it is given.
  if (typeof cut === 'number') return createBody(arch, { nIn, cut, weights: formulaWeights(golden) })
  const model = withoutInit(arch)
  loadFormula(model, golden)
  return createBody(model, { nIn, ...cutOf(cut) })
}

/** A number, nothing, or a function that keeps so many parts: `lambda m: nn.Sequential(*list(m.children())[:6])`. */
function cutOf(cut: Config['cut']): { readonly cut?: Cut } {
  if (cut === undefined || cut === null) return {}
  if (typeof cut === 'number') return { cut }
  const end = /children\(\)\)?\s*\[:(-?\d+)\]/.exec(cut)?.[1]
  if (end === undefined) throw new Error(`the golden runner cannot cut by '${cut}'`)
  return {
    cut: (model: AnyModule) => new Sequential([...model.children()].map(([, m]) => m).slice(0, Number(end))),
  }
}

/** What is expected of a body, in eval mode. */
function checkBody(golden: GoldenCase, body: Body): [done: string[], checks: Check[]] {
  body.eval()
  const rows: unknown[] = []
  const out = tf.tidy(() => {
    let h = inputTensor(golden, 'x')
    for (const [i, [, part]] of [...body.children()].entries()) {
      h = part.forward(h as never) as tf.Tensor
      rows.push([i, part.kind, toNchw(h).shape, ...moments(h)])
    }
    return toNchw(h)
  })
  const first = [...stateDict(body).values()][0]!
  const { columns } = (golden.json.expected['body_trace'] ?? {}) as { columns?: string[] }
  const all: Readonly<Record<string, (key: string) => Check>> = {
    body: (key) => checkTensor(golden, key, out),
    body_trace: (key) => checkValue(golden, key, { columns, rows }),
    body_state_dict_keys: (key) => checkValue(golden, key, [...stateDict(body).keys()]),
    first_weight: (key) =>
      checkTensor(golden, key, ndArray('float32', first.shape, first.data as Float32Array)),
    num_features_model: (key) =>
      checkValue(golden, key, numFeatures(body, configOf(golden).n_in ?? undefined)),
  }
  const done = Object.keys(all).filter((key) => key in golden.json.expected)
  const checks = done.map((key) => all[key]!(key))
  out.dispose()
  return [done, checks]
}

/** In double precision: a float32 sum over millions of squares is off by a thousandth. */
const sumOfSquares = (t: tf.Tensor): number => [...t.dataSync()].reduce((sum, v) => sum + v * v, 0)

/** Mean, population deviation, least and largest. */
export function moments(t: tf.Tensor): number[] {
  const values = [...t.dataSync()]
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length
  const [least, most] = [Math.min, Math.max].map((f) => values.reduce((a, b) => f(a, b)))
  return [mean, Math.sqrt(variance), least!, most!]
}

/** In train mode: loss, gradients, running statistics. */
function runTrain(golden: GoldenCase): Check[] {
  const { expected } = golden.json
  using model = withoutInit(() => archOf(golden)({ numClasses: golden.expected('logits').shape[1]! }))
  loadFormula(model, golden)
  const checks: Check[] = []
  const done: string[] = ['logits', 'loss', 'loss_f64', 'grad_norms', 'grad_norms_f64', 'grad_norm_total']
  tf.tidy(() => {
    const weights = [...model.weights()].filter((w) => w.variable.trainable)
    const { result, tape } = record(() => {
      const logits = model.forward(inputTensor(golden, 'x') as tf.Tensor4D)
      return { logits, loss: crossEntropyFlat(logits, inputTensor(golden, 'y')) }
    })
    const loss = result.loss.dataSync()[0]
    checks.push(checkTensor(golden, 'logits', result.logits))
    for (const key of ['loss', 'loss_f64']) checks.push(checkValue(golden, key, loss))
    const grads = tape.backward(
      result.loss,
      weights.map((w) => w.variable),
    )
    const squares = new Map<string, number>()
    for (const [i, w] of weights.entries()) {
      const part = w.path.split('.')[0]!
      squares.set(part, (squares.get(part) ?? 0) + sumOfSquares(grads[i]!))
      const key = `grad.${w.path}`
      if (!(key in expected)) continue
      done.push(key)
      checks.push(checkTensor(golden, key, inTorch(w, grads[i]!)))
    }
    const norms = Object.fromEntries([...squares].map(([part, s]) => [part, Math.sqrt(s)]))
    const total = Math.sqrt([...squares.values()].reduce((a, b) => a + b, 0))
    // `grad_norms` are those of torch in float32, which are no better than ours.
    checks.push(checkValue(golden, 'grad_norms_f64', norms), checkValue(golden, 'grad_norm_total', total))
  })
  const after = Object.keys(expected).filter((key) => key.startsWith('after.'))
  return [...checks, ...checkAfter(golden, model, after), ...unmet(golden, [...done, ...after])]
}
