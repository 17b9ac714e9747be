import { accuracy, perplexity, sgd, stateDict, withoutInit } from '@espalier/core'
import { DataLoaders, Datasets, ndArray, Pipeline } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import {
  type AwdLstmLmConfig,
  awdLstm,
  LMDataLoader,
  type LmDataLoaders,
  languageModelLearner,
  NextToken,
  Numericalize,
} from '@espalier/text'
import { type Check, checkTensor, checkValue, unmet } from '../check.js'
import { loadFormula } from '../tiny-model.js'
import { optFuncOf } from './optimizers.js'
import { configOf } from './text-models.js'

interface Config {
  readonly vocab_sz: number
  readonly config: object
  readonly drop_mult?: number
  readonly alpha?: number
  readonly beta?: number
  readonly opt: string
  readonly lr: number
  readonly wd?: number
  readonly wd_bn_bias?: boolean
  readonly bs: number
  readonly seq_len: number
  readonly epochs: number
}

interface Step {
  train: boolean
  loss: number
  loss_grad: number | null
}

/** Epochs of a language model: what every step lost and was differentiated, the table, and how far weights moved. */
export async function runLmFit(golden: GoldenCase): Promise<Check[]> {
  const c = golden.json.config as unknown as Config
  const steps: Step[] = []
  const names = golden.json.expected['metric_names'] as string[]
  const known = { accuracy, perplexity: perplexity({ weightBy: 'rows' }) }
  using learn = await withoutInit(() =>
    languageModelLearner(loaders(golden, c), awdLstm, {
      config: configOf<AwdLstmLmConfig>(c.config),
      ...(c.drop_mult !== undefined && { dropMult: c.drop_mult }),
      ...(c.alpha !== undefined && { alpha: c.alpha }),
      ...(c.beta !== undefined && { beta: c.beta }),
      optFunc: c.opt === 'SGD' ? sgd() : optFuncOf(c.opt, {}),
      lr: c.lr,
      // These cases decay every parameter, the decoder's bias too, unless they say otherwise.
      wdBnBias: c.wd_bn_bias ?? true,
      ...(c.wd !== undefined && { wd: c.wd }),
      metrics: names.slice(3).map((name) => {
        if (Object.hasOwn(known, name)) return known[name as keyof typeof known]
        throw new Error(`the golden runner knows no metric '${name}'`)
      }),
      verbose: false,
      cbs: [
        {
          name: 'watch',
          order: 65,
          afterLoss({ training, loss, lossGrad }) {
            steps.push({ train: training, loss, loss_grad: lossGrad.dataSync()[0]! })
          },
        },
      ],
    }),
  )
  loadFormula(learn.model, golden)
  const before = stateDict(learn.model)
  await learn.fit(c.epochs)
  const after = stateDict(learn.model)
  const want = golden.json.expected['steps'] as Step[]
  // Where fastai has no number there is nothing to compare.
  const seen = steps.map((s, i) => (want[i]?.loss_grad === null ? { ...s, loss_grad: null } : s))
  const deltas = Object.keys(golden.json.expected).filter((key) => key.startsWith('delta.'))
  return [
    checkValue(golden, 'steps', seen),
    checkValue(golden, 'metric_names', ['epoch', ...learn.recorder.columns]),
    checkValue(golden, 'values', learn.recorder.values),
    ...deltas.map((key) => {
      const name = key.slice('delta.'.length)
      const [from, to] = [before.get(name)!, after.get(name)!]
      const moved = Float32Array.from(to.data as Float32Array, (v, i) => v - Number(from.data[i]))
      return checkTensor(golden, key, ndArray('float32', to.shape, moved))
    }),
    ...unmet(golden, ['steps', 'metric_names', 'values', ...deltas]),
  ]
}

/** Each stream is one text; nothing is shuffled. */
function loaders(golden: GoldenCase, { vocab_sz: n, bs, seq_len: seqLen }: Config): LmDataLoaders {
  const vocab = Array.from({ length: n }, (_, i) => `w${i}`)
  const text = new Pipeline<never>([new Numericalize({ vocab })])
  const datasets = new Datasets<never>([], [text, text], [[], []], 1)
  const part = (name: string, split: number) => {
    const ids = golden.input(name).data as Int32Array
    const texts = { lens: [ids.length], read: async () => ids, id: () => name }
    return new LMDataLoader(texts, { bs, seqLen, shuffle: false, split })
  }
  const target = new NextToken({ vocab })
  return new DataLoaders(part('train_stream', 0), part('valid_stream', 1), {
    datasets,
    target,
  }) as LmDataLoaders
}
