import { beforeAll, describe, expect, it } from 'vitest'
import { classes, column, columns, halves, labels, logits, measured, single } from '../../test/metric-data.js'
import { useEngine } from '../engine/engine.js'
import { accuracyMulti } from './accuracy-multi.js'
import { apScoreBinary, apScoreMulti } from './ap-score.js'
import { balancedAccuracy } from './balanced-accuracy.js'
import { brierScore, brierScoreMulti } from './brier-score.js'
import { cohenKappa } from './cohen-kappa.js'
import { pearsonCorrCoef, spearmanCorrCoef } from './corr-coef.js'
import { f1Score, fBeta, jaccard, precision, recall } from './f-beta.js'
import { f1ScoreMulti, fBetaMulti, jaccardMulti, precisionMulti, recallMulti } from './f-beta-multi.js'
import { hammingLoss, hammingLossMulti } from './hamming-loss.js'
import { matthewsCorrCoef, matthewsCorrCoefMulti } from './matthews-corr-coef.js'
import type { Metric, MetricFunc } from './metric.js'
import { mae, mse, msle } from './mse.js'
import { explainedVariance, r2Score } from './r2-score.js'
import { expRmspe, rmse } from './rmse.js'
import { rocAuc, rocAucBinary, rocAucMulti } from './roc-auc.js'

beforeAll(async () => {
  await useEngine('cpu')
})

type Case = readonly [title: string, make: () => Metric | MetricFunc, value: number]

const soft = (rows: readonly number[][]) =>
  rows.map((row) => {
    const e = row.map(Math.exp)
    return e.map((v) => v / e.reduce((a, b) => a + b))
  })
const sigmoid = (rows: readonly number[][]) => rows.map((row) => row.map((x) => 1 / (1 + Math.exp(-x))))

describe('of classes, as scikit-learn has it', () => {
  it.each<Case>([
    ['f1Score macro', () => f1Score({ average: 'macro' }), 0.3151515151515151],
    ['f1Score micro', () => f1Score({ average: 'micro' }), 0.36363636363636365],
    ['f1Score weighted', () => f1Score({ average: 'weighted' }), 0.35702479338842974],
    ['f1Score of some', () => f1Score({ average: 'macro', labels: [1, 2] }), 0.4727272727272727],
    ['fBeta macro', () => fBeta(2, { average: 'macro' }), 0.31135531135531136],
    ['fBeta weighted', () => fBeta(2, { average: 'weighted' }), 0.35964035964035956],
    ['precision macro', () => precision({ average: 'macro' }), 0.3333333333333333],
    ['recall macro', () => recall({ average: 'macro' }), 0.3111111111111111],
    ['recall weighted', () => recall({ average: 'weighted' }), 0.36363636363636365],
    ['jaccard macro', () => jaccard({ average: 'macro' }), 0.20833333333333334],
    ['jaccard micro', () => jaccard({ average: 'micro' }), 0.2222222222222222],
    ['balancedAccuracy', () => balancedAccuracy(), 0.3111111111111111],
    ['balancedAccuracy adjusted', () => balancedAccuracy({ adjusted: true }), -0.03333333333333329],
    ['cohenKappa', () => cohenKappa(), -0.013157894736842035],
    ['cohenKappa linear', () => cohenKappa({ weights: 'linear' }), -0.08791208791208782],
    ['cohenKappa quadratic', () => cohenKappa({ weights: 'quadratic' }), -0.18181818181818188],
    ['hammingLoss', () => hammingLoss(), 0.6363636363636364],
    ['matthewsCorrCoef', () => matthewsCorrCoef(), -0.013344012817090595],
    ['brierScore', () => brierScore(), 0.8063347128091372],
    ['rocAuc', () => rocAuc(), 0.5333333333333333],
    ['rocAuc weighted', () => rocAuc({ average: 'weighted' }), 0.5454545454545454],
    ['rocAuc micro', () => rocAuc({ average: 'micro' }), 0.5165289256198347],
    ['rocAuc ovo', () => rocAuc({ multiClass: 'ovo' }), 0.5259259259259259],
    ['rocAuc ovo weighted', () => rocAuc({ multiClass: 'ovo', average: 'weighted' }), 0.5333333333333333],
  ])('%s', (_, make, value) => {
    expect(measured(make, logits, classes)).toBeCloseTo(value, 6)
  })
})

describe('of two classes', () => {
  it.each<Case>([
    ['f1Score', () => f1Score(), 0.625],
    ['f1Score of class 0', () => f1Score({ posLabel: 0 }), 0.0],
    ['precision', () => precision(), 0.625],
    ['precision of class 0', () => precision({ posLabel: 0 }), 0.0],
    ['recall', () => recall(), 0.625],
    ['recall of class 0', () => recall({ posLabel: 0 }), 0.0],
    ['jaccard', () => jaccard(), 0.45454545454545453],
    ['apScoreBinary', () => apScoreBinary(), 0.7679924242424242],
    ['apScoreBinary of class 0', () => apScoreBinary({ posLabel: 0 }), 0.38690476190476186],
    ['rocAucBinary', () => rocAucBinary(), 0.4583333333333334],
    ['rocAucBinary to 0.5', () => rocAucBinary({ maxFpr: 0.5 }), 0.5277777777777778],
    ['rocAucBinary to 0.25', () => rocAucBinary({ maxFpr: 0.25 }), 0.5],
    ['brierScore', () => brierScore(), 0.3399112386539716],
  ])('%s', (_, make, value) => {
    expect(measured(make, columns(2), halves)).toBeCloseTo(value, 6)
  })
})

describe('of several labels', () => {
  it.each<Case>([
    ['accuracyMulti', () => accuracyMulti({ thresh: 0.3 }), 0.48484848484848486],
    ['f1ScoreMulti', () => f1ScoreMulti(), 0.1574074074074074],
    ['f1ScoreMulti from 0.3', () => f1ScoreMulti({ thresh: 0.3 }), 0.5094017094017094],
    ['f1ScoreMulti micro', () => f1ScoreMulti({ average: 'micro' }), 0.16],
    ['f1ScoreMulti weighted', () => f1ScoreMulti({ average: 'weighted' }), 0.14316239316239315],
    ['f1ScoreMulti samples', () => f1ScoreMulti({ average: 'samples' }), 0.10606060606060605],
    ['f1ScoreMulti of some', () => f1ScoreMulti({ labels: [0, 2] }), 0.2361111111111111],
    ['fBetaMulti', () => fBetaMulti(2, { thresh: 0.3, average: 'samples' }), 0.5508985963531418],
    ['precisionMulti', () => precisionMulti({ thresh: 0.3 }), 0.41071428571428575],
    ['recallMulti', () => recallMulti({ thresh: 0.3, average: 'weighted' }), 0.6923076923076923],
    ['jaccardMulti', () => jaccardMulti({ thresh: 0.3, average: 'samples' }), 0.37878787878787873],
    ['hammingLossMulti', () => hammingLossMulti({ thresh: 0.3 }), 0.5151515151515151],
    ['matthewsCorrCoefMulti', () => matthewsCorrCoefMulti({ thresh: 0.3 }), 0.029410247273202322],
    ['brierScoreMulti', () => brierScoreMulti(), 0.32799911415486377],
    ['rocAucMulti', () => rocAucMulti(), 0.3416666666666666],
    ['rocAucMulti micro', () => rocAucMulti({ average: 'micro' }), 0.3653846153846154],
    ['rocAucMulti weighted', () => rocAucMulti({ average: 'weighted' }), 0.3237179487179488],
    ['rocAucMulti to 0.5', () => rocAucMulti({ maxFpr: 0.5 }), 0.3333333333333333],
    ['apScoreMulti', () => apScoreMulti(), 0.3648532948532948],
    ['apScoreMulti micro', () => apScoreMulti({ average: 'micro' }), 0.33283185397476545],
    ['apScoreMulti weighted', () => apScoreMulti({ average: 'weighted' }), 0.37440337440337434],
    ['apScoreMulti samples', () => apScoreMulti({ average: 'samples' }), 0.5454545454545454],
  ])('%s', (_, make, value) => {
    expect(measured(make, logits, labels)).toBeCloseTo(value, 6)
  })
})

describe('of numbers', () => {
  it.each<Case>([
    ['r2Score', () => r2Score(), -0.6313962936401367],
    ['explainedVariance', () => explainedVariance(), -0.5709289312362671],
    ['pearsonCorrCoef', () => pearsonCorrCoef(), 0.1957562416791916],
    ['spearmanCorrCoef', () => spearmanCorrCoef(), 0.004555820475782052],
    ['mse', () => mse, 2.1014997959136963],
    ['mae', () => mae, 1.2136363983154297],
    ['rmse', () => rmse(), 1.4496550610106171],
  ])('%s', (_, make, value) => {
    expect(measured(make, column(0), column(1))).toBeCloseTo(value, 6)
  })

  it.each<Case>([
    ['msle', () => msle, 0.2549651685901235],
    ['expRmspe', () => expRmspe(), 1.3857496698962837],
  ])('%s', (_, make, value) => {
    expect(measured(make, column(0).map(Math.abs), column(1).map(Math.abs))).toBeCloseTo(value, 6)
  })
})

describe('predictions that are probabilities already', () => {
  const input = 'probabilities' as const
  it.each<
    readonly [string, (o: object) => Metric | MetricFunc, number[][], number[] | number[][], number[][]]
  >([
    ['rocAuc', rocAuc, logits, classes, soft(logits)],
    ['brierScore', brierScore, logits, classes, soft(logits)],
    ['rocAucBinary', rocAucBinary, columns(2), halves, soft(columns(2))],
    ['apScoreBinary', apScoreBinary, columns(2), halves, soft(columns(2))],
    ['rocAucMulti', rocAucMulti, logits, labels, sigmoid(logits)],
    ['apScoreMulti', apScoreMulti, logits, labels, sigmoid(logits)],
    ['brierScoreMulti', brierScoreMulti, logits, labels, sigmoid(logits)],
    ['accuracyMulti', (o) => accuracyMulti({ thresh: 0.3, ...o }), logits, labels, sigmoid(logits)],
    ['f1ScoreMulti', (o) => f1ScoreMulti({ thresh: 0.3, ...o }), logits, labels, sigmoid(logits)],
    ['hammingLossMulti', (o) => hammingLossMulti({ thresh: 0.3, ...o }), logits, labels, sigmoid(logits)],
    [
      'matthewsCorrCoefMulti',
      (o) => matthewsCorrCoefMulti({ thresh: 0.3, ...o }),
      logits,
      labels,
      sigmoid(logits),
    ],
  ])('%s is the same of them', (_, make, given, targets, probabilities) => {
    const of = (options: object, preds: number[][]) => single(() => make(options), preds, targets)!
    expect(of({ input }, probabilities)).toBeCloseTo(of({}, given), 6)
    expect(of({ input: 'logits' }, given)).toBe(of({}, given))
  })
})

it('a label holds above the threshold for accuracy, and from it on for the others', () => {
  const half = [[0.5], [0.5]]
  const options = { input: 'probabilities' } as const
  expect(single(() => accuracyMulti(options), half, [[1], [0]])).toBe(0.5)
  expect(single(() => recallMulti(options), half, [[1], [0]])).toBe(1)
  expect(single(() => accuracyMulti(options), half, [[1], [1]])).toBe(0)
})
