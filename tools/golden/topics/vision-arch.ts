import {
  AdaptiveConcatPool2d,
  type AnyModule,
  BatchNorm,
  convLayer,
  crossEntropyFlat,
  Dropout,
  Flatten,
  Learner,
  Linear,
  linBnDrop,
  type NormType,
  ReLU,
  record,
  Sequential,
  SigmoidRange,
  stateDict,
  tf,
} from '@espalier/core'
import { DataLoader, DataLoaders, type Dataset, datasets, ndArray } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import {
  archByName,
  type BodyAndHead,
  createBody,
  createHead,
  createVisionModel,
  type HeadOptions,
  metaOf,
  numFeatures,
} from '@espalier/vision'
import { type Check, checkTensor, checkValue, inputTensor, toNchw } from '../check.js'
import { formulaWeights, loadFormula } from '../tiny-model.js'
import { checkAfter, checkModule, countValues, inTorch, listed } from './modules.js'

type Config = Readonly<Record<string, unknown>>
const camel = (config: Config): Config =>
  Object.fromEntries(
    Object.entries(config).map(([k, v]) => [k.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), v]),
  )

/** A whole network in eval mode: logits, body, what each part of the body gives. */
export async function runArch(golden: GoldenCase): Promise<Check[]> {
  const { arch: name, cut } = golden.json.config as { arch: string; cut: number }
  const model = archByName(name)({ numClasses: golden.expected('logits').shape[1]! })
  loadFormula(model, golden)
  model.eval()
  const checks = [checkValue(golden, 'n_params', countValues(model))]
  tf.tidy(() =>
    checks.push(checkTensor(golden, 'logits', model.forward(inputTensor(golden, 'x') as tf.Tensor4D))),
  )
  using body = await createBody(model, { cut })
  tf.tidy(() => {
    let h = inputTensor(golden, 'x')
    const rows = [...body.children()].map(([, part], i) => {
      h = part.forward(h as never) as tf.Tensor
      return [i, part.kind, toNchw(h).shape, ...moments(h)]
    })
    checks.push(checkTensor(golden, 'body', toNchw(h)))
    const trace = golden.json.expected['body_trace'] as { columns: string[] }
    checks.push(checkValue(golden, 'body_trace', { columns: trace.columns, rows }))
  })
  return [
    ...checks,
    checkValue(golden, 'num_features_model', numFeatures(body)),
    checkValue(golden, 'body_state_dict_keys', [...stateDict(body).keys()]),
  ]
}

/** In double precision: a float32 sum over millions of squares is off by a thousandth. */
const sumOfSquares = (t: tf.Tensor): number => [...t.dataSync()].reduce((sum, v) => sum + v * v, 0)

function moments(t: tf.Tensor): number[] {
  const values = [...t.dataSync()]
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length
  return [
    mean,
    Math.sqrt(variance),
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
  ]
}

/** A network in train mode: loss, gradients, running statistics. */
export function runArchTrain(golden: GoldenCase): Check[] {
  const { arch: name } = golden.json.config as { arch: string }
  using model = archByName(name)({ numClasses: golden.expected('logits').shape[1]! })
  loadFormula(model, golden)
  const checks: Check[] = []
  tf.tidy(() => {
    const weights = [...model.weights()].filter((w) => w.variable.trainable)
    const { result, tape } = record(() => {
      const logits = model.forward(inputTensor(golden, 'x') as tf.Tensor4D)
      return { logits, loss: crossEntropyFlat(logits, inputTensor(golden, 'y')) }
    })
    const loss = result.loss.dataSync()[0]
    checks.push(
      checkTensor(golden, 'logits', result.logits),
      checkValue(golden, 'loss', loss),
      checkValue(golden, 'loss_f64', loss),
    )
    const grads = tape.backward(
      result.loss,
      weights.map((w) => w.variable),
    )
    const squares = new Map<string, number>()
    for (const [i, w] of weights.entries()) {
      const part = w.path.split('.')[0]!
      squares.set(part, (squares.get(part) ?? 0) + sumOfSquares(grads[i]!))
      if (`grad.${w.path}` in golden.json.expected)
        checks.push(checkTensor(golden, `grad.${w.path}`, inTorch(w, grads[i]!)))
    }
    const norms = Object.fromEntries([...squares].map(([part, s]) => [part, Math.sqrt(s)]))
    const total = Math.sqrt([...squares.values()].reduce((a, b) => a + b, 0))
    checks.push(checkValue(golden, 'grad_norms_f64', norms), checkValue(golden, 'grad_norm_total', total))
  })
  return [...checks, ...checkAfter(golden, model)]
}

const headOf = (config: Config) => {
  const { nf, nOut, ...options } = camel(config) as unknown as { nf: number; nOut: number } & HeadOptions
  return createHead(nf, nOut, options)
}

/** A head, forward and backward. */
export function runHead(golden: GoldenCase): Check[] {
  using head = headOf(golden.json.config)
  return checkModule(golden, head)
}

/** Heads for every set of options: printed form, layers, names. */
export function runHeadTable(golden: GoldenCase): Check[] {
  const rows = golden.json.expected['rows'] as { args: Config }[]
  return rows.map((want) => {
    using head = headOf(want.args)
    const leaves = [...new Set([...head.modules()].map(([, m]) => m))].filter(
      (m) => [...m.children()].length === 0,
    )
    const got = {
      args: want.args,
      printed: String(head),
      leaves: leaves.map((m) => [m.kind, attributes(m)]),
      state_dict: listed(head),
      n_params: countValues(head),
    }
    return checkValue(golden, JSON.stringify(want.args), got, want)
  })
}

/** The attributes of a layer that the table lists, under torch's names. */
function attributes(m: AnyModule): Config {
  if (m instanceof BatchNorm) return { num_features: m.nFeatures, eps: m.eps, momentum: m.momentum }
  if (m instanceof Linear) return { in_features: m.nIn, out_features: m.nOut, bias: m.bias !== undefined }
  if (m instanceof Dropout) return { p: m.p }
  return m instanceof SigmoidRange ? { low: m.low, high: m.high } : {}
}

/** A body whose first convolution is rebuilt for another number of channels. */
export async function runBody(golden: GoldenCase): Promise<Check[]> {
  const {
    arch: name,
    n_in: nIn,
    pretrained,
    cut,
  } = golden.json.config as { arch: string; n_in: number; pretrained: boolean; cut: number }
  using body = await createBody(archByName(name), { nIn, cut, pretrained, weights: formulaWeights(golden) })
  body.eval()
  const [first] = stateDict(body).values()
  const checks = [
    checkTensor(golden, 'first_weight', ndArray('float32', first!.shape, first!.data as Float32Array)),
  ]
  tf.tidy(() =>
    checks.push(checkTensor(golden, 'body', toNchw(body.forward(inputTensor(golden, 'x') as tf.Tensor4D)))),
  )
  return checks
}

const normTypes: Readonly<Record<string, NormType>> = {
  'NormType.Batch': 'batch',
  'NormType.BatchZero': 'batchZero',
  'NormType.Instance': 'instance',
  'NormType.InstanceZero': 'instanceZero',
  'NormType.Weight': 'weight',
  'NormType.Spectral': 'spectral',
}

/** A single layer of fastai's. */
export function runLayer(golden: GoldenCase): Check[] {
  using layer = layerOf(golden)
  return checkModule(golden, layer)
}

function layerOf({ json: { case: name, config } }: GoldenCase): AnyModule {
  if (name.startsWith('layer_adaptive')) return new Sequential([new AdaptiveConcatPool2d(), new Flatten()])
  if (name.startsWith('layer_lin_bn')) {
    const { nIn, nOut, act, ...options } = camel(config) as {
      nIn: number
      nOut: number
      act?: string | null
      bn?: boolean
      p?: number
      linFirst?: boolean
    }
    return linBnDrop(nIn, nOut, { ...options, ...(act && { act: new ReLU() }) })
  }
  const {
    ni,
    nf,
    normType,
    actCls,
    bn1st = true,
    ...options
  } = camel(config) as Record<string, never> & { ni: number; nf: number; bn1st?: boolean }
  return convLayer(ni, nf, {
    ...options,
    bn1st,
    ...(normType !== undefined && { normType: normType === null ? null : normTypes[normType]! }),
    ...(actCls === null && { act: null }),
  })
}

/** Which weights train after each kind of freezing, and which never decay. */
export async function runFreeze(golden: GoldenCase): Promise<Check[]> {
  type Row = { arch: string; train_bn: boolean; wd_bn_bias: boolean }
  const nOut = golden.json.config['n_out'] as number
  const checks: Check[] = []
  for (const want of golden.json.expected['rows'] as Row[]) {
    const arch = archByName(want.arch)
    const dataset: Dataset = { length: 1, sample: async () => [], id: String }
    const dl = new DataLoader(dataset)
    const dls = new DataLoaders(dl, dl, { datasets: await datasets<never>([], []) })
    const model = await createVisionModel(arch, nOut, { pretrained: false })
    using learn = new Learner(dls, model, {
      splitter: (m) => metaOf(arch).split(m as unknown as BodyAndHead),
      trainBn: want.train_bn,
      wdBnBias: want.wd_bn_bias,
      verbose: false,
    })
    const names = new Map([...model.weights()].map((w) => [w.variable, w.path]))
    const pathsOf = (list: Iterable<tf.Variable>) => [...list].map((v) => names.get(v)!)
    const inOrder = (set: ReadonlySet<tf.Variable>) =>
      [...names].filter(([v]) => set.has(v)).map(([, path]) => path)
    const after = (freeze: () => void) => {
      freeze()
      return { n: learn.opt.trainable.length, frozen_idx: learn.opt.frozenIdx }
    }
    learn.freeze()
    const trainable = pathsOf(learn.opt.trainable)
    const got = {
      ...want,
      trainable: {
        freeze: trainable,
        'freeze_to(1)': after(() => learn.freezeTo(1)),
        'freeze_to(-2)': after(() => learn.freezeTo(-2)),
        'freeze_to(2)': after(() => learn.freezeTo(2)),
        unfreeze: after(() => learn.unfreeze()),
      },
      groups: learn.opt.groups.map(pathsOf),
      no_wd: inOrder(learn.opt.noDecay),
      force_train: inOrder(learn.opt.forceTrain),
    }
    checks.push(checkValue(golden, `${want.arch} train_bn=${want.train_bn}`, got, want))
  }
  return checks
}
