import { EspalierError, type Json } from '@espalier/data'
import { packNumbers, unpackNumbers } from '../learner/packed.js'
import { classPair } from './flat-pair.js'
import type { Metric } from './metric.js'

/** How often a class was predicted where another, or the same, was wanted. */
export type Confused = readonly [wanted: number, predicted: number, count: number]

/** What an epoch confused: only what occurred, and how many classes predictions tell apart. */
export interface Confusion {
  readonly cells: readonly Confused[]
  readonly classes: number
}

/** A metric of how often which class was taken for which: all that it keeps of an epoch. */
interface ConfusionMetric {
  readonly name: string
  /** Throws where predictions of so many classes cannot be measured. */
  check?(classes: number): void
  score(confusion: Confusion): number | undefined
}

/** A class above which numbers are no classes. */
const bound = 2 ** 26

/** A metric that counts, over an epoch, which class was predicted for which target. */
export function confusionMetric({ name, check, score }: ConfusionMetric): Metric {
  const counts = new Map<number, number>()
  let most = 0
  return {
    name,
    reset() {
      counts.clear()
      most = 0
    },
    accumulate({ pred, targets }) {
      const { predicted, wanted, classes } = classPair(name, pred, targets[0])
      check?.(classes)
      most = Math.max(most, classes)
      for (let i = 0; i < wanted.length; i++) {
        const label = wanted[i]!
        if (!(label >= 0 && label < bound && Number.isInteger(label))) throw noClass(name, label)
        const key = label * bound + predicted[i]!
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    },
    value() {
      if (counts.size === 0) return undefined
      const cells = [...counts].map(([key, n]): Confused => [Math.floor(key / bound), key % bound, n])
      return score({ cells, classes: most })
    },
    saveState: (): Json => packNumbers([most, ...[...counts].flat()]),
    loadState(saved) {
      const [classes = 0, ...pairs] = unpackNumbers(saved)
      counts.clear()
      most = classes
      for (let i = 0; i < pairs.length; i += 2) counts.set(pairs[i]!, pairs[i + 1]!)
    },
  }
}

/** The classes that were wanted or predicted, in order. */
export function classesOf(cells: readonly Confused[]): readonly number[] {
  const all = [...cells.map(([wanted]) => wanted), ...cells.map(([, predicted]) => predicted)]
  return [...new Set(all)].sort((a, b) => a - b)
}

function noClass(name: string, label: number): EspalierError {
  return new EspalierError('metric/label', `${name}: the target ${label} is no class number`, {
    fix: 'it compares the classes of predictions with class numbers 0, 1, …; for several labels take the Multi version',
  })
}
