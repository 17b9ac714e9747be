import { crossEntropyFlat, Learner, lrSlice, Module, params, record, tf, withoutInit } from '@espalier/core'
import { DataLoader, DataLoaders, type Dataset, datasets } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import { archByName, type Body, createBody, createHead, type Head, type HeadOptions } from '@espalier/vision'
import { type Check, checkPrinted, checkTensor, checkValue, inputTensor, toNchw, unmet } from '../check.js'
import { loadFormula } from '../tiny-model.js'
import { camelCased, checkAfter } from './modules.js'

/** The model of the book: one encoder for both pictures, and a head over the features of the two side by side. */
class SiameseModel extends Module<[tf.Tensor4D, tf.Tensor4D], tf.Tensor2D> {
  constructor(
    readonly encoder: Body,
    readonly head: Head,
  ) {
    super()
  }

  forward(x1: tf.Tensor4D, x2: tf.Tensor4D): tf.Tensor2D {
    return this.head.forward(tf.concat([this.encoder.forward(x1), this.encoder.forward(x2)], 3))
  }
}

const splitter = (model: SiameseModel) => [params(model.encoder), params(model.head)]

interface Config {
  readonly arch: string
  readonly cut?: number | null
  readonly n_in?: number | null
  readonly head: Readonly<Record<string, unknown>>
}

/** The Siamese model of the book, in eval mode or in a training step. */
export async function runSiamese(golden: GoldenCase): Promise<Check[]> {
  using model = await modelOf(golden)
  loadFormula(model, golden)
  const { printed_head } = golden.json as { readonly printed_head?: string }
  const done = 'loss' in golden.json.expected ? runTrain(golden, model) : runEval(golden, model)
  const { keys, checks } = await done
  return [...checkPrinted(golden, String(model.head), printed_head), ...checks, ...unmet(golden, keys)]
}

async function modelOf(golden: GoldenCase): Promise<SiameseModel> {
  const { arch, cut, n_in, head } = golden.json.config as unknown as Config
  const { nf, nOut, ...options } = camelCased<{ nf: number; nOut: number } & HeadOptions>(head)
  const nIn = n_in ?? 3
  const encoder = await createBody(withoutInit(archByName(arch)), {
    pretrained: false,
    nIn,
    ...(typeof cut === 'number' && { cut }),
  })
  return new SiameseModel(encoder, createHead(nf, nOut, options))
}

interface Done {
  readonly keys: readonly string[]
  readonly checks: readonly Check[]
}

/** What it makes of a pair, of the pair the other way round, and of a picture beside itself. */
async function runEval(golden: GoldenCase, model: SiameseModel): Promise<Done> {
  model.eval()
  const checks: Check[] = []
  tf.tidy(() => {
    const [x1, x2] = ['x1', 'x2'].map((name) => inputTensor(golden, name) as tf.Tensor4D) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ]
    const logits = model.forward(x1, x2)
    const all: Readonly<Record<string, () => tf.Tensor>> = {
      features_x1: () => toNchw(model.encoder.forward(x1)),
      features_x2: () => toNchw(model.encoder.forward(x2)),
      logits: () => logits,
      logits_swapped: () => model.forward(x2, x1),
      logits_same: () => model.forward(x1, x1),
      softmax: () => tf.softmax(logits),
      probs: () => tf.softmax(logits),
    }
    for (const [key, compute] of Object.entries(all))
      if (key in golden.json.expected) checks.push(checkTensor(golden, key, compute()))
    checks.push(...checkGroups(golden, model))
  })
  return {
    keys: Object.keys(golden.json.expected).filter((key) => known.test(key)),
    checks,
  }
}

const known = /^(features_x[12]|logits(_swapped|_same)?|softmax|probs|groups|group_names)$/

function checkGroups(golden: GoldenCase, model: SiameseModel): Check[] {
  const names = new Map([...model.weights()].map((w) => [w.variable, w.path]))
  const groups = splitter(model)
  const paths = groups.map((group) => group.map((v) => names.get(v)))
  const sizes = groups.map((group, i) => ({
    n_tensors: group.length,
    n_values: group.reduce((n, v) => n + v.size, 0),
    first: paths[i]!.at(0),
    last: paths[i]!.at(-1),
  }))
  const got: Readonly<Record<string, unknown>> = { groups: sizes, group_names: paths }
  return Object.keys(got)
    .filter((key) => key in golden.json.expected)
    .map((key) => checkValue(golden, key, got[key]))
}

/** A training step: loss, gradients, statistics after both pictures; and what trains once the encoder is frozen. */
async function runTrain(golden: GoldenCase, model: SiameseModel): Promise<Done> {
  const { expected } = golden.json
  const checks: Check[] = []
  model.train()
  tf.tidy(() => {
    const weights = [...model.weights()].filter((w) => w.variable.trainable)
    const { result, tape } = record(() => {
      const [x1, x2] = ['x1', 'x2'].map((name) => inputTensor(golden, name) as tf.Tensor4D)
      const logits = model.forward(x1!, x2!)
      return { logits, loss: crossEntropyFlat(logits, tf.cast(inputTensor(golden, 'y'), 'int32')) }
    })
    const loss = result.loss.dataSync()[0]
    for (const key of ['loss', 'loss_f64']) checks.push(checkValue(golden, key, loss))
    if ('logits' in expected) checks.push(checkTensor(golden, 'logits', result.logits))
    const grads = tape.backward(
      result.loss,
      weights.map((w) => w.variable),
    )
    const squares = new Map<string, number>()
    for (const [i, { path }] of weights.entries()) {
      const part = path.startsWith('encoder') ? path.split('.').slice(0, 2).join('.') : path.split('.')[0]!
      squares.set(part, (squares.get(part) ?? 0) + sumOfSquares(grads[i]!))
    }
    // `grad_norms` are those of torch in float32, which are no better than ours.
    const norms = Object.fromEntries([...squares].map(([part, s]) => [part, Math.sqrt(s)]))
    checks.push(checkValue(golden, 'grad_norms_f64', norms))
  })
  const after = Object.keys(expected).filter((key) => key.startsWith('after.'))
  const frozen = await checkFrozen(golden, model)
  return {
    keys: ['loss', 'loss_f64', 'logits', 'grad_norms', 'grad_norms_f64', ...after, ...frozen.keys],
    checks: [...checks, ...checkAfter(golden, model, after), ...frozen.checks],
  }
}

/** In double precision. */
const sumOfSquares = (t: tf.Tensor): number => [...t.dataSync()].reduce((sum, v) => sum + v * v, 0)

/** What a learner trains after `freeze()`, and the rates that it gives to the groups. */
async function checkFrozen(golden: GoldenCase, model: SiameseModel): Promise<Done> {
  const none: Dataset = { length: 1, sample: async () => [], id: String }
  const dl = new DataLoader(none)
  const dls = new DataLoaders(dl, dl, { datasets: await datasets<never>([], []) })
  const learn = new Learner(dls, model, { splitter, lossFunc: crossEntropyFlat, verbose: false })
  learn.freeze()
  const trains = new Set(learn.opt.trainable)
  const paths = [...model.weights()].filter((w) => trains.has(w.variable)).map((w) => w.path)
  const checks = [checkValue(golden, 'trainable_after_freeze', paths)]
  const rates = Object.keys(golden.json.expected).filter((key) => key.startsWith('lr_of_groups'))
  for (const key of rates) {
    const [start, stop] = /slice\(([^,)]+)(?:,([^)]+))?\)/.exec(key)!.slice(1)
    learn.opt.setHyper('lr', lrSlice(Number(start), stop === undefined ? undefined : Number(stop)))
    const lrs = learn.opt.hypers.map((h) => h['lr'])
    checks.push(checkValue(golden, key, lrs))
  }
  learn.resetOpt()
  return { keys: ['trainable_after_freeze', ...rates], checks }
}
