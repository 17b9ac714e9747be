import { EspalierError, type Json } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { packNumbers, unpackNumbers } from '../learner/packed.js'
import type { MultiOptions } from './accuracy-multi.js'
import { checkSizes, noTarget } from './flat-pair.js'
import type { Metric } from './metric.js'
import { readOut } from './read-out.js'
import type { Tally } from './tally.js'

/** What is counted of several labels over an epoch. */
export interface LabelCounts {
  /** Of each label that counts. */
  readonly labels: readonly Tally[]
  readonly rows: number
  /** The sum of the scores of single rows, where they are asked for. */
  readonly rowScores: number
}

/** A metric of how often each label was wanted and predicted. */
interface MultiLabelMetric extends MultiOptions {
  readonly name: string
  /** The labels that count, by number. Default: all. */
  readonly labels?: readonly number[] | undefined
  /** The score of a single row, for an average over rows. */
  rowScore?(row: Tally): number
  score(counts: LabelCounts): number | undefined
}

/** A metric over predictions `[b, …, labels]` and targets of the same shape; a label holds from `thresh` on. */
export function multiLabelMetric({
  name,
  thresh = 0.5,
  input = 'logits',
  labels,
  rowScore,
  score,
}: MultiLabelMetric): Metric {
  let counts: Counting[] = []
  let [rows, rowScores] = [0, 0]
  return {
    name,
    reset() {
      counts = []
      ;[rows, rowScores] = [0, 0]
    },
    accumulate({ pred, targets: [target] }) {
      if (!target) throw noTarget(name)
      checkSizes(name, pred, target)
      const width = pred.rank > 1 ? pred.shape.at(-1)! : 1
      const counted = labels ?? Array.from({ length: width }, (_, i) => i)
      const outside = counted.find((label) => !(Number.isInteger(label) && label >= 0 && label < width))
      if (outside !== undefined) throw noLabel(name, outside, width)
      const held = readOut(() => tf.greaterEqual(input === 'logits' ? tf.sigmoid(pred) : pred, thresh)).data
      const wanted = target.dataSync()
      for (let i = counts.length; i < counted.length; i++) counts.push(emptyTally())
      for (let at = 0; at < wanted.length; at += width) {
        const row = emptyTally()
        for (const [i, label] of counted.entries()) {
          const [is, said] = [wanted[at + label]! !== 0, held[at + label]! !== 0]
          count(counts[i]!, is, said)
          count(row, is, said)
        }
        rows++
        if (rowScore) rowScores += rowScore(row)
      }
    },
    value: () => (rows === 0 ? undefined : score({ labels: counts, rows, rowScores })),
    saveState: (): Json =>
      packNumbers([rows, rowScores, ...counts.flatMap((t) => [t.wanted, t.predicted, t.both])]),
    loadState(saved) {
      const numbers = unpackNumbers(saved)
      ;[rows = 0, rowScores = 0] = numbers
      counts = []
      for (let i = 2; i < numbers.length; i += 3)
        counts.push({ wanted: numbers[i]!, predicted: numbers[i + 1]!, both: numbers[i + 2]! })
    },
  }
}

type Counting = { -readonly [K in keyof Tally]: number }

const emptyTally = (): Counting => ({ wanted: 0, predicted: 0, both: 0 })

function count(tally: Counting, is: boolean, said: boolean): void {
  if (is) tally.wanted++
  if (said) tally.predicted++
  if (is && said) tally.both++
}

function noLabel(name: string, label: number, width: number): EspalierError {
  return new EspalierError(
    'metric/option',
    `${name}: ${label} is not one of the ${width} labels 0 … ${width - 1}`,
    {
      fix: 'labels are numbers of outputs of the model',
    },
  )
}
