import {
  accumMetric,
  accuracy,
  accuracyMulti,
  apScoreBinary,
  apScoreMulti,
  avgMetric,
  balancedAccuracy,
  brierScoreMulti,
  cohenKappa,
  corpusBleu,
  crossEntropyFlat,
  dice,
  diceMulti,
  errorRate,
  explainedVariance,
  expRmspe,
  f1Score,
  f1ScoreMulti,
  fBeta,
  fBetaMulti,
  foregroundAcc,
  hammingLoss,
  hammingLossMulti,
  jaccard,
  jaccardCoeff,
  jaccardCoeffMulti,
  jaccardMulti,
  type Metric,
  type MetricFunc,
  mae,
  matthewsCorrCoef,
  matthewsCorrCoefMulti,
  mse,
  msle,
  pearsonCorrCoef,
  perplexity,
  precision,
  precisionMulti,
  r2Score,
  recall,
  recallMulti,
  rmse,
  rocAuc,
  rocAucBinary,
  rocAucMulti,
  spearmanCorrCoef,
  tf,
  topKAccuracy,
} from '@espalier/core'
import { compare, type GoldenCase } from '@espalier/testkit'
import { type Check, checkValue, unmet } from '../check.js'
import { bound, type PythonCall, parseCalls } from '../python-call.js'
import { camelCased } from './modules.js'

interface Row {
  readonly metric: string
  readonly name?: string
  readonly value: number | null
}

/** Every metric of the case over batches cut where it says. */
export function runMetrics(golden: GoldenCase): Check[] {
  const rows = golden.json.expected['rows'] as readonly Row[]
  const checks = rows.flatMap((row) => checkRow(golden, row))
  return [...checks, ...unmet(golden, ['rows'])]
}

function checkRow(golden: GoldenCase, { metric: text, name, value }: Row): Check[] {
  const found = metricOf(text)
  const channels = classAxis(golden, found.call)
  tf.tidy(() => {
    const pred = lastAxis(inputOf(golden, 'pred'), channels)
    const target = inputOf(golden, 'targ')
    const cuts = [0, ...(golden.json.config['cuts'] as number[]), pred.shape[0]!]
    for (const [i, end] of cuts.slice(1).entries()) {
      const part = <T extends tf.Tensor>(t: T) => tf.slice(t, cuts[i]!, end - cuts[i]!)
      const [p, t] = [part(pred), part(target)]
      found.metric.accumulate({ pred: p, targets: [t], bs: end - cuts[i]!, loss: lossOf(p, t) })
    }
  })
  const got = found.metric.value()
  const { tolerance } = golden.json
  const number = (v: number | null | undefined) => ({ shape: [], values: [v ?? Number.NaN] })
  return [
    compare(text, number(got), { ...number(value), ...tolerance }),
    // A function that fastai keeps to itself has an underscore before its name.
    ...(name === undefined
      ? []
      : [checkValue(golden, `${text} name`, found.metric.name, name.replace(/^_/, ''))]),
  ]
}

/** The loss of a batch where predictions are of classes. */
function lossOf(pred: tf.Tensor, target: tf.Tensor): number {
  return target.rank < pred.rank ? crossEntropyFlat(pred, target).dataSync()[0]! : 0
}

function inputOf(golden: GoldenCase, name: string): tf.Tensor {
  const { data, shape, dtype } = golden.input(name)
  return tf.tensor(data as Float32Array, [...shape], dtype as 'float32')
}

/** Where the classes are: where the metric says, else where fastai has them for pictures and for all others. */
function classAxis(golden: GoldenCase, { name, kwargs }: PythonCall): number {
  const { axis } = kwargs as { readonly axis?: number }
  const pictures = /^(Dice|JaccardCoeff|DiceMulti|JaccardCoeffMulti|foreground_acc)$/.test(name)
  return axis ?? (pictures && golden.input('pred').shape.length > 1 ? 1 : -1)
}

function lastAxis(t: tf.Tensor, axis: number): tf.Tensor {
  const at = axis < 0 ? t.rank + axis : axis
  const others = t.shape.map((_, i) => i).filter((i) => i !== at)
  return tf.transpose(t, [...others, at])
}

type Options = Readonly<Record<string, never>>

/** fastai's Brier score: decided classes against 0 and 1. */
const decidedBrier = (): Metric =>
  accumMetric(
    ({ data: p }, { data: t }) =>
      Array.from(t, (v, i) => (p[i]! - v) ** 2).reduce((a, b) => a + b, 0) / t.length,
    { name: 'brier_score_loss', dimArgmax: -1 },
  )

const perClass = 'axis labels pos_label average'
const perLabel = 'thresh sigmoid labels average'
const ofLabels = 'thresh sigmoid'

/** Each metric of fastai's: the names of its arguments, and ours. */
const metrics: Readonly<Record<string, readonly [string, (options: Options) => Metric | MetricFunc]>> = {
  accuracy: ['axis', () => accuracy],
  error_rate: ['axis', () => errorRate],
  top_k_accuracy: ['k axis', ({ k }) => topKAccuracy(k)],
  accuracy_multi: [ofLabels, accuracyMulti],
  mse: ['', () => mse],
  mae: ['', () => mae],
  msle: ['', () => msle],
  rmse: ['', rmse],
  exp_rmspe: ['', expRmspe],
  Perplexity: ['', () => perplexity({ weightBy: 'rows' })],
  foreground_acc: ['bkg_idx axis', (options) => foregroundAcc({ ...options, weightBy: 'rows' })],
  Dice: ['axis', () => dice({ others: 'count' })],
  JaccardCoeff: ['axis', () => jaccardCoeff({ others: 'count' })],
  DiceMulti: ['axis', diceMulti],
  JaccardCoeffMulti: ['axis', jaccardCoeffMulti],
  F1Score: [perClass, f1Score],
  FBeta: [`beta ${perClass}`, ({ beta, ...options }) => fBeta(beta!, options)],
  Precision: [perClass, precision],
  Recall: [perClass, recall],
  Jaccard: [perClass, jaccard],
  BalancedAccuracy: ['axis adjusted', balancedAccuracy],
  CohenKappa: ['axis labels weights', cohenKappa],
  HammingLoss: ['axis', hammingLoss],
  MatthewsCorrCoef: ['', matthewsCorrCoef],
  BrierScore: ['axis', decidedBrier],
  F1ScoreMulti: [perLabel, f1ScoreMulti],
  FBetaMulti: [`beta ${perLabel}`, ({ beta, ...options }) => fBetaMulti(beta!, options)],
  PrecisionMulti: [perLabel, precisionMulti],
  RecallMulti: [perLabel, recallMulti],
  JaccardMulti: [perLabel, jaccardMulti],
  HammingLossMulti: [ofLabels, hammingLossMulti],
  MatthewsCorrCoefMulti: [ofLabels, matthewsCorrCoefMulti],
  BrierScoreMulti: [ofLabels, brierScoreMulti],
  RocAuc: ['axis average multi_class', rocAuc],
  RocAucBinary: [
    'axis average max_fpr',
    ({ maxFpr }) => rocAucBinary(maxFpr === undefined ? {} : { maxFpr }),
  ],
  RocAucMulti: ['sigmoid average max_fpr', rocAucMulti],
  APScoreBinary: [
    'axis average pos_label',
    ({ posLabel }) => apScoreBinary(posLabel === undefined ? {} : { posLabel }),
  ],
  APScoreMulti: ['sigmoid average', apScoreMulti],
  ExplainedVariance: ['', explainedVariance],
  R2Score: ['', r2Score],
  PearsonCorrCoef: ['dim_argmax', pearsonCorrCoef],
  SpearmanCorrCoef: ['dim_argmax', spearmanCorrCoef],
  // The size of the vocabulary tells fastai only how to hash.
  CorpusBLEUMetric: ['vocab_sz axis', () => corpusBleu()],
}

/** The metric that a row names: `F1Score(average='macro')`, `top_k_accuracy k=2`, with a remark after it or none. */
function metricOf(text: string): { readonly call: PythonCall; readonly metric: Metric } {
  const call = callOf(text)
  const found = metrics[call.name]
  if (!found) throw new Error(`the golden runner knows no metric '${text}'`)
  const [signature, make] = found
  const { axis: _, sigmoid, ...given } = bound(call, signature.split(' '))
  const options = camelCased<Options>({ ...given, ...(sigmoid === false && { input: 'probabilities' }) })
  const metric = make(options)
  return { call, metric: typeof metric === 'function' ? avgMetric(metric) : metric }
}

function callOf(text: string): PythonCall {
  const [, name, options] = /^(\w+)((?: \w+=\S+)*)/.exec(text) ?? []
  if (text.startsWith(`${name}(`)) return parseCalls(text.replace(/\)[^)]*\([^)]*\)$/, ')'))[0]!
  return parseCalls(`${name}(${options?.trim().replaceAll(' ', ', ') ?? ''})`)[0]!
}
