import {
  accuracy,
  type Callback,
  errorRate,
  Learner,
  type LearnerOptions,
  type MetricFunc,
  minimum,
  params,
  type Sequential,
  type SuggestFunc,
  slide,
  stateDict,
  steep,
  topKAccuracy,
  valley,
  type Written,
} from '@espalier/core'
import { DataLoader, DataLoaders, type Dataset, datasets, ndArray, row } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import { type Check, checkTensor, checkValue } from '../check.js'
import { type PythonCall, parseCalls } from '../python-call.js'
import { buildModel, loadFormula } from '../tiny-model.js'
import { hyperOf, optFuncOf } from './optimizers.js'

const metricsByName: Readonly<Record<string, () => MetricFunc>> = {
  accuracy: () => accuracy,
  error_rate: () => errorRate,
  top_k_accuracy: () => topKAccuracy(2),
}

/** A learner on the tiny model and data of a case: fixed order, short last batch kept. */
export async function tinyLearner(
  golden: GoldenCase,
  options: LearnerOptions = {},
): Promise<Learner<Sequential<never[], unknown>>> {
  const { model: text, opt, bs } = golden.json.config as { model: string; opt?: unknown; bs: number }
  const model = buildModel(text)
  loadFormula(model, golden)
  const [name, args] = [opt ?? 'Adam'].flat() as [string, Record<string, unknown>?]
  return new Learner(await loaders(golden, bs), model, {
    optFunc: optFuncOf(name, args ?? {}),
    splitter: (m) => [...m.children()].map(([, child]) => params(child)),
    verbose: false,
    ...options,
  })
}

async function loaders(golden: GoldenCase, bs: number): Promise<DataLoaders> {
  const part = (split: 'train' | 'valid', index: number) =>
    new DataLoader(arrayDataset(golden, split), { bs, shuffle: false, dropLast: false, split: index })
  return new DataLoaders(part('train', 0), part('valid', 1), { datasets: await datasets<never>([], []) })
}

function arrayDataset(golden: GoldenCase, split: string): Dataset {
  const x = golden.input(`x_${split}`)
  const y = golden.input(`y_${split}`)
  return {
    length: y.data.length,
    sample: async (i) => [row(x, i), ndArray('int32', [], [y.data[i]!])],
    id: (i) => `${split} ${i}`,
  }
}

/** What a case records of every training step. */
interface Steps {
  lr: number[][]
  mom: number[][]
  wd: number[][]
  loss: number[]
  smooth_loss: number[]
  frozen_idx: number[]
  pct_train_after: number[]
}

/** Runs the fits of `config.call` and compares every step, every table and every weight. */
export async function runFits(golden: GoldenCase): Promise<Check[]> {
  const { expected, config } = golden.json
  const tables = expected['recorder'] as { metric_names: string[]; values: number[][] }[]
  const steps: Steps = {
    lr: [],
    mom: [],
    wd: [],
    loss: [],
    smooth_loss: [],
    frozen_idx: [],
    pct_train_after: [],
  }
  const rows: { metric_names: string[]; values: (number | undefined)[][] }[] = []
  using learn = await tinyLearner(golden, {
    metrics: tables[0]!.metric_names.slice(3).map((name) => metricsByName[name]!()),
    cbs: [watch(steps)],
    ...('train_bn' in config && { trainBn: config['train_bn'] as boolean }),
    ...('wd_bn_bias' in config && { wdBnBias: config['wd_bn_bias'] as boolean }),
  })
  const initial = stateDict(learn.model)
  for (const call of parseCalls(config['call'] as string)) {
    await perform(learn, call)
    if (/^(fit|fine)/.test(call.name)) {
      rows.push({
        metric_names: ['epoch', ...learn.recorder.columns],
        values: learn.recorder.values.map((r) => [...r]),
      })
    }
  }
  const final = stateDict(learn.model)
  const { loss, smooth_loss, ...exact } = steps
  const want = expected['steps'] as Steps
  return [
    ...Object.entries(exact).map(([k, v]) =>
      checkValue(golden, `steps.${k}`, v, want[k as keyof Steps], { rtol: 1e-6, atol: 1e-12 }),
    ),
    checkValue(golden, 'steps.loss', loss, want.loss),
    checkValue(golden, 'loss_f64', loss),
    checkValue(golden, 'steps.smooth_loss', smooth_loss, want.smooth_loss),
    checkValue(golden, 'recorder', rows),
    ...Object.keys(expected).flatMap((key) => {
      const [, kind, name] = /^(delta|final)\.(.+)$/.exec(key) ?? []
      return kind
        ? [
            checkTensor(
              golden,
              key,
              weight(final.get(name!)!, kind === 'delta' ? initial.get(name!)! : undefined),
            ),
          ]
        : []
    }),
  ]
}

function weight(after: Written, before?: Written) {
  const data = Float32Array.from(
    after.data as Float32Array,
    (v, i) => v - ((before?.data[i] as number | undefined) ?? 0),
  )
  return ndArray('float32', after.shape, data)
}

/** Writes down what each training step used and gave. */
function watch(steps: Steps): Callback {
  return {
    name: 'watch',
    order: 65,
    runValid: false,
    beforeStep({ learn }) {
      for (const name of ['lr', 'mom', 'wd'] as const) steps[name].push(learn.opt.hypers.map((h) => h[name]!))
      steps.frozen_idx.push(learn.opt.frozenIdx)
    },
    afterBatch({ learn, loss, pctTrain }) {
      steps.loss.push(loss!)
      steps.smooth_loss.push(learn.recorder.smoothLoss)
      steps.pct_train_after.push(pctTrain)
    },
  }
}

/** One call of `config.call` on a learner. */
async function perform(
  learn: Learner<Sequential<never[], unknown>>,
  { name, args, kwargs }: PythonCall,
): Promise<void> {
  const at = (i: number, key: string) => (args[i] !== undefined ? args[i] : kwargs[key])
  const rest = (...used: string[]) =>
    Object.fromEntries(
      Object.entries(kwargs)
        .filter(([k]) => !used.includes(k))
        .map(([k, v]) => [k.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), v]),
    )
  const lr = (i: number, key: string) => {
    const v = at(i, key)
    return v === undefined ? undefined : hyperOf(v)
  }
  if (name === 'freeze') learn.freeze()
  else if (name === 'unfreeze') learn.unfreeze()
  else if (name === 'freeze_to') learn.freezeTo(at(0, 'n') as number)
  else if (name === 'fit') await learn.fit(at(0, 'n_epoch') as number, lr(1, 'lr'), rest('lr', 'n_epoch'))
  else if (name === 'fit_one_cycle')
    await learn.fitOneCycle(at(0, 'n_epoch') as number, lr(1, 'lr_max'), rest('lr_max', 'n_epoch'))
  else if (name === 'fine_tune')
    await learn.fineTune(
      at(0, 'epochs') as number,
      at(1, 'base_lr') as number | undefined,
      rest('base_lr', 'epochs'),
    )
  else throw new Error(`the golden runner knows no call '${name}'`)
}

/** The events as a callback before all others hears them. */
export async function runEventOrder(golden: GoldenCase): Promise<Check[]> {
  const {
    epochs,
    train_batches: nTrain,
    valid_batches: nValid,
  } = golden.json.config as Record<string, number>
  const log: unknown[] = []
  const heard = (golden.json.expected['all_events'] as string[]).filter((e) => e !== 'after_create')
  const listener = Object.fromEntries(
    heard.map((event) => [
      event.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()),
      (s: { training: boolean; epoch?: number; iter?: number }) => {
        log.push([event, s.training, s.epoch ?? null, s.iter ?? null])
      },
    ]),
  )
  const dl = (n: number, split: number) => {
    const dataset: Dataset = {
      length: n,
      sample: async () => [ndArray('float32', [2], [1, 2]), ndArray('int32', [], [0])],
      id: String,
    }
    return new DataLoader(dataset, { bs: 1, shuffle: false, split })
  }
  const dls = new DataLoaders(dl(nTrain!, 0), dl(nValid!, 1), { datasets: await datasets<never>([], []) })
  using learn = new Learner(dls, buildModel('Sequential(Linear(2,2))'), {
    verbose: false,
    cbs: [{ name: 'listener', order: -11, ...listener }],
  })
  await learn.fit(epochs!)
  return [checkValue(golden, 'log', log)]
}

const suggesters: Readonly<Record<string, SuggestFunc>> = { valley, slide: slide(), minimum, steep }

/** A whole trial: rates, the first 70 losses, suggestions at most one step off, nothing changed. */
export async function runLrFind(golden: GoldenCase): Promise<Check[]> {
  const {
    start_lr: startLr,
    end_lr: endLr,
    num_it: numIt,
  } = golden.json.config['args'] as Record<string, number>
  using learn = await tinyLearner(golden)
  const before = stateDict(learn.model)
  const found = await learn.lrFind({ startLr: startLr!, endLr: endLr!, numIt: numIt!, suggest: suggesters })
  const after = stateDict(learn.model)
  const want = golden.json.expected as {
    lrs: number[]
    losses: number[]
    suggestions: Record<string, number>
  }
  const oneStep = (endLr! / startLr!) ** (1 / numIt!)
  const restored = [...before].every(([k, w]) =>
    Buffer.from(w.data.buffer).equals(Buffer.from(after.get(k)!.data.buffer)),
  )
  const n = Math.min(found.lrs.length, want.lrs.length)
  return [
    checkValue(golden, 'lrs', found.lrs.slice(0, n), want.lrs.slice(0, n)),
    checkValue(golden, 'losses', found.losses.slice(0, 70), want.losses.slice(0, 70)),
    ...Object.entries(want.suggestions).map(([name, lr]) => {
      const factor = Math.max(found[name]! / lr, lr / found[name]!)
      return {
        ok: factor <= oneStep * 1.001,
        largest: Math.abs(found[name]! - lr),
        message: `suggestion ${name} is ${found[name]}, expected ${lr}`,
      }
    }),
    checkValue(golden, 'weights_restored', restored),
  ]
}

/** The suggestions on recorded curves. */
export function runSuggestions(golden: GoldenCase): Check[] {
  const lrs = [...golden.input('lrs').data]
  const rows = golden.json.expected['rows'] as ({ losses: number[] } & Record<
    string,
    { suggestion: number; point: [number, number] }
  >)[]
  return rows.flatMap(({ losses, ...wanted }, i) =>
    Object.entries(wanted).map(([name, want]) => {
      const { lr, point } = suggesters[name]!(lrs, losses as unknown as number[])
      return checkValue(golden, `row ${i} ${name}`, { suggestion: lr, point: [point.lr, point.loss] }, want)
    }),
  )
}

/**
 * The form of every cell, and its number within the case's tolerance: a bias before a batch norm has a gradient of
 * rounding noise, which Adam turns into steps, so that the last digits differ from machine to machine.
 */
function checkPrinted(golden: GoldenCase, printed: readonly (readonly string[])[]): Check {
  const form = (rows: readonly (readonly string[])[]) =>
    rows.map((r) => r.map((cell) => cell.replace(/\d/g, '0')))
  const numbers = (rows: readonly (readonly string[])[]) => rows.map((r) => r.map(Number))
  const want = golden.json.expected['printed_rows'] as string[][]
  const shape = checkValue(golden, 'printed_rows', form(printed), form(want))
  return shape.ok ? checkValue(golden, 'printed_rows', numbers(printed), numbers(want)) : shape
}

/** The table as it is printed and as it is written to CSV. */
export async function runRecorderTable(golden: GoldenCase): Promise<Check[]> {
  const { metrics, call } = golden.json.config as { metrics: string[]; call: string }
  using learn = await tinyLearner(golden, { metrics: metrics.map((m) => metricsByName[m.split(' ')[0]!]!()) })
  for (const c of parseCalls(call)) await perform(learn, c)
  const { recorder } = learn
  const columns = ['epoch', ...recorder.columns]
  const printed = recorder.values.map((r, i) => [String(i), ...r.map((v) => v!.toFixed(6))])
  return [
    checkValue(golden, 'metric_names', columns),
    checkPrinted(golden, printed),
    checkValue(golden, 'values', recorder.values),
    checkValue(golden, 'iters', recorder.iters),
  ]
}
