import {
  accuracy,
  bceWithLogitsLossFlat,
  crossEntropyLossFlat,
  errorRate,
  Learner,
  type LearnerOptions,
  type Loss,
  type MetricFunc,
  type Moms,
  mseLossFlat,
  params,
  type Sequential,
  topKAccuracy,
} from '@espalier/core'
import { DataLoader, DataLoaders, type Dataset, datasets, row } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import { bound, parseCalls } from '../python-call.js'
import { buildModel, loadFormula } from '../tiny-model.js'
import { hyperOf, optFuncOf } from './optimizers.js'

/** The options of a learner among those of a case. */
interface Config {
  readonly model: string
  readonly bs: number
  readonly loss?: string
  /** A name, or a name and arguments. */
  readonly opt?: string | readonly [name: string, args: Record<string, unknown>]
  readonly lr?: unknown
  readonly wd?: unknown
  readonly moms?: Moms
  readonly train_bn?: boolean
  readonly wd_bn_bias?: boolean
}

type Model = Sequential<never[], unknown>
/** A learner of a tiny model. */
export type TinyLearner = Learner<Model>

/** A learner on the tiny model and data of a case: fixed order, short last batch kept unless it says otherwise. */
export async function tinyLearner(
  golden: GoldenCase,
  more: LearnerOptions<Model> = {},
): Promise<TinyLearner> {
  const config = golden.json.config as unknown as Config
  const model = buildModel(config.model)
  loadFormula(model, golden)
  const opt = config.opt ?? 'Adam'
  const [name, { lr = config.lr, ...args }] = typeof opt === 'string' ? ([opt, {}] as const) : opt
  return new Learner(await loaders(golden, config), model, {
    lossFunc: lossOf(config.loss ?? 'CrossEntropyLossFlat()'),
    optFunc: optFuncOf(name, args),
    splitter: splitterOf(config.model),
    verbose: false,
    ...defined({
      lr: lr === undefined ? undefined : hyperOf(lr),
      wd: config.wd === undefined ? undefined : hyperOf(config.wd),
      moms: config.moms,
      trainBn: config.train_bn,
      wdBnBias: config.wd_bn_bias,
    }),
    ...more,
  })
}

/** Leaves out what is undefined. */
function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as never
}

/** One group per child of the model, as `config.model` says, or one for all. */
function splitterOf(text: string): NonNullable<LearnerOptions<Model>['splitter']> {
  if (/\b(one|1|single) parameter group/.test(text)) return (m) => [params(m)]
  return (m) => {
    const groups = [...m.children()].map(([, child]) => params(child))
    const said = /(\d+) parameter groups/.exec(text)?.[1]
    if (said !== undefined && Number(said) !== groups.length)
      throw new Error(`the golden runner makes ${groups.length} groups, not ${said}`)
    return groups
  }
}

async function loaders(golden: GoldenCase, { bs, model }: Config): Promise<DataLoaders> {
  const dropLast = /last short batch dropped|drop_last=True/.test(model)
  const part = (split: 'train' | 'valid', index: number) =>
    new DataLoader(arrayDataset(golden, split), {
      bs,
      shuffle: false,
      dropLast: dropLast && index === 0,
      split: index,
    })
  return new DataLoaders(part('train', 0), part('valid', 1), { datasets: await datasets<never>([], []) })
}

function arrayDataset(golden: GoldenCase, split: string): Dataset {
  const x = golden.input(`x_${split}`)
  const y = golden.input(`y_${split}`)
  return {
    length: y.shape[0]!,
    sample: async (i) => [row(x, i), row(y, i)],
    id: (i) => `${split} ${i}`,
  }
}

function lossOf(text: string): Loss {
  const call = parseCalls(text)[0]!
  const { weight } = bound(call, ['weight']) as { weight?: number[] }
  if (call.name === 'CrossEntropyLossFlat') return crossEntropyLossFlat(weight ? { weight } : {})
  if (call.name === 'MSELossFlat' && !weight) return mseLossFlat()
  if (call.name === 'BCEWithLogitsLossFlat' && !weight) return bceWithLogitsLossFlat()
  throw new Error(`the golden runner knows no loss '${text}'`)
}

/** A metric as a case names it: `accuracy`, `top_k_accuracy (partial k=2)`. */
export function metricOf(text: string): MetricFunc {
  const name = /^\w+/.exec(text)?.[0]
  const k = /\bk=(\d+)/.exec(text)?.[1]
  if (name === 'accuracy') return accuracy
  if (name === 'error_rate') return errorRate
  if (name === 'top_k_accuracy') return topKAccuracy(k === undefined ? 5 : Number(k))
  throw new Error(`the golden runner knows no metric '${text}'`)
}
