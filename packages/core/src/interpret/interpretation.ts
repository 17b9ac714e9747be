import { type DataLoader, EspalierError, row } from '@espalier/data'
import type { Learner } from '../learner/learner.js'
import { getPreds, type Predictions } from '../learner/predict.js'
import type { Figure } from '../report/figure.js'
import { plotConfusion } from '../report/plot-confusion.js'
import { topLossGrid } from '../report/result-grid.js'
import { shownResults } from './shown-results.js'

/** One item and how wrong the model was about it. */
export interface ItemLoss {
  /** The item's position in its data set, and its name. */
  readonly index: number
  readonly id: string
  readonly loss: number
  readonly predicted: string
  readonly actual: string
  /** The largest probability: how sure the model was. */
  readonly probability: number
}

/** A pair of classes that the model takes for each other. */
export interface Confusion {
  readonly actual: string
  readonly predicted: string
  readonly count: number
}

/** What a classifier gets wrong, and how (fastai's `ClassificationInterpretation`). */
export class ClassificationInterpretation {
  readonly vocab: readonly string[]

  constructor(
    readonly learn: Learner,
    readonly dl: DataLoader,
    readonly results: Predictions & { readonly losses: Float32Array },
  ) {
    this.vocab = learn.dls.vocab
  }

  /** Rows are what items are, columns what they were taken for. */
  confusionMatrix(): number[][] {
    const matrix = this.vocab.map(() => new Array<number>(this.vocab.length).fill(0))
    for (let i = 0; i < this.results.indices.length; i++) matrix[this.#actual(i)]![this.#predicted(i)]!++
    return matrix
  }

  /** The pairs of classes confused at least `minVal` times, the most confused first. */
  mostConfused({ minVal = 1 } = {}): Confusion[] {
    return this.confusionMatrix()
      .flatMap((counts, actual) => counts.map((count, predicted) => ({ actual, predicted, count })))
      .filter(({ actual, predicted, count }) => actual !== predicted && count >= minVal)
      .sort((a, b) => b.count - a.count)
      .map(({ actual, predicted, count }) => ({
        actual: this.vocab[actual]!,
        predicted: this.vocab[predicted]!,
        count,
      }))
  }

  /** The `k` items with the largest losses, or with the smallest. */
  topLosses(k = this.results.indices.length, { largest = true } = {}): ItemLoss[] {
    return this.#ranked(largest)
      .slice(0, k)
      .map((i) => ({
        index: this.results.indices[i]!,
        id: this.results.ids[i]!,
        loss: this.results.losses[i]!,
        predicted: this.vocab[this.#predicted(i)]!,
        actual: this.vocab[this.#actual(i)]!,
        probability: Math.max(...row(this.results.preds, i).data),
      }))
  }

  plotTopLosses(k = 9, { largest = true } = {}): Figure {
    const ranked = this.#ranked(largest).slice(0, k)
    const items = this.topLosses(k, { largest })
    const predictions = ranked.map((i) => ({
      index: this.results.indices[i]!,
      predicted: this.#predicted(i),
    }))
    return topLossGrid(
      shownResults(this.learn, this.dl, predictions).then((shown) =>
        shown.map((s, i) => ({ ...s, loss: items[i]!.loss, probability: items[i]!.probability })),
      ),
    )
  }

  plotConfusionMatrix({ normalize = false } = {}): Figure {
    return plotConfusion({ matrix: this.confusionMatrix(), vocab: this.vocab, normalize })
  }

  /** The share of items taken for another class. */
  get errorRate(): number {
    const n = this.results.indices.length
    return this.results.indices.filter((_, i) => this.#actual(i) !== this.#predicted(i)).length / n
  }

  #ranked(largest: boolean): number[] {
    const { losses } = this.results
    return Array.from(losses.keys()).sort((a, b) =>
      largest ? losses[b]! - losses[a]! : losses[a]! - losses[b]!,
    )
  }

  #actual(i: number): number {
    return this.results.targets[0]!.data[i]!
  }

  #predicted(i: number): number {
    return this.results.decoded.data[i]!
  }
}

/** Predicts a loader, the validation set unless given another, and looks at what went wrong. */
export async function interpret(
  learn: Learner,
  dl: DataLoader = learn.dls.valid,
): Promise<ClassificationInterpretation> {
  const results = await getPreds(learn, { dl, withLoss: true })
  const { losses } = results
  if (!losses || results.targets.length !== 1) {
    throw new EspalierError(
      'interpret/target',
      'interpretation needs one target per item and a loss that can be taken per item',
      { fix: 'use a loss with perItem, such as crossEntropyLossFlat(), and loaders with labels' },
    )
  }
  return new ClassificationInterpretation(learn, dl, { ...results, losses })
}
