import type { Json } from '@espalier/data'
import { packNumbers, unpackNumbers } from '../learner/packed.js'
import { classPair } from './flat-pair.js'
import type { Metric, MetricOptions } from './metric.js'

const orders = [1, 2, 3, 4] as const

/**
 * BLEU of predicted `[b, tokens, vocabulary]` and wanted `[b, tokens]` sequences over the epoch: how many of the
 * predicted runs of one to four tokens are wanted, with a penalty for being short (fastai's `CorpusBLEUMetric`). Where
 * a sequence has no run of a length right it counts as half of one right, a quarter, an eighth, … (exponential
 * smoothing). Orders that no sequence is long enough for are left out.
 */
export function corpusBleu({ name = 'corpus_bleu' }: MetricOptions = {}): Metric {
  let right: number[] = orders.map(() => 0)
  let runs: number[] = orders.map(() => 0)
  let [predicted, wanted] = [0, 0]
  return {
    name,
    reset() {
      right = orders.map(() => 0)
      runs = orders.map(() => 0)
      ;[predicted, wanted] = [0, 0]
    },
    accumulate({ pred, targets }) {
      const pair = classPair(name, pred, targets[0])
      const length = pred.rank > 2 ? pred.shape.at(-2)! : pair.wanted.length
      for (let at = 0; at < pair.wanted.length; at += length) {
        const [p, t] = [pair.predicted, pair.wanted].map((list) =>
          Array.from({ length }, (_, i) => list[at + i]!),
        ) as [number[], number[]]
        predicted += length
        wanted += length
        let half = 1
        for (const [i, n] of orders.entries()) {
          const common = commonRuns(p, t, n)
          if (common === 0) half /= 2
          right[i]! += common || half
          runs[i]! += Math.max(length - n + 1, 0)
        }
      }
    },
    value() {
      if (predicted === 0) return undefined
      const shares = orders.flatMap((_, i) => (runs[i]! > 0 ? [right[i]! / runs[i]!] : []))
      const short = Math.min(0, 1 - wanted / predicted)
      const mean = shares.reduce((sum, share) => sum + Math.log(share), 0) / shares.length
      return Math.exp(short + mean)
    },
    saveState: (): Json => packNumbers([predicted, wanted, ...right, ...runs]),
    loadState(saved) {
      const [p = 0, w = 0, ...counts] = unpackNumbers(saved)
      ;[predicted, wanted] = [p, w]
      right = counts.slice(0, orders.length)
      runs = counts.slice(orders.length)
    },
  }
}

/** How many runs of `n` tokens are in both, each as often as in the one that has it less often. */
function commonRuns(predicted: readonly number[], wanted: readonly number[], n: number): number {
  const left = new Map<string, number>()
  const run = (tokens: readonly number[], i: number) => tokens.slice(i, i + n).join(' ')
  for (let i = 0; i + n <= wanted.length; i++) left.set(run(wanted, i), (left.get(run(wanted, i)) ?? 0) + 1)
  let common = 0
  for (let i = 0; i + n <= predicted.length; i++) {
    const key = run(predicted, i)
    const there = left.get(key) ?? 0
    if (there === 0) continue
    left.set(key, there - 1)
    common++
  }
  return common
}
