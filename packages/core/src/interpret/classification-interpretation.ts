import type { CategoryPrediction, DataLoader } from '@espalier/data'
import type { Learner } from '../learner/learner.js'
import type { KeptOptions } from '../learner/pred-pass.js'
import type { AnyModule } from '../nn/module.js'
import type { Figure } from '../report/figure.js'
import { plotConfusion } from '../report/plot-confusion.js'
import { type ClassificationReport, classificationReport } from './classification-report.js'
import { Interpretation, type Losses, type LossOfItem, type TopOptions } from './interpretation.js'

/** One item and how wrong the model was about it. */
export interface ItemLoss extends LossOfItem {
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

/** What is kept of each item besides its loss. */
export interface Classified extends Losses {
  /** Class numbers. */
  readonly actual: Int32Array
  readonly predicted: Int32Array
  readonly probabilities: Float32Array
}

/** What a classifier gets wrong, and how (fastai's `ClassificationInterpretation`). */
export class ClassificationInterpretation extends Interpretation<CategoryPrediction> {
  readonly vocab: readonly string[]

  constructor(
    learn: Learner<AnyModule, CategoryPrediction>,
    dl: DataLoader,
    readonly results: Classified,
    options?: Pick<KeptOptions, 'act'>,
  ) {
    super(learn, dl, results, options)
    this.vocab = learn.dls.vocab
  }

  /** Rows are what items are, columns what they were taken for. */
  confusionMatrix(): number[][] {
    const { actual, predicted } = this.results
    const matrix = this.vocab.map(() => new Array<number>(this.vocab.length).fill(0))
    for (const [i, a] of actual.entries()) matrix[a]![predicted[i]!]!++
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

  override topLosses(k: number = this.losses.length, { largest = true }: TopOptions = {}): ItemLoss[] {
    const { actual, predicted, probabilities } = this.results
    return this.ranked(largest)
      .slice(0, k)
      .map((i) => ({
        ...this.lossOf(i),
        predicted: this.vocab[predicted[i]!]!,
        actual: this.vocab[actual[i]!]!,
        probability: probabilities[i]!,
      }))
  }

  /** The matrix drawn; `normalize` shows shares of each row, with `normDec` decimals. */
  plotConfusionMatrix({ normalize = false, normDec = 2 } = {}): Figure {
    return plotConfusion({ matrix: this.confusionMatrix(), vocab: this.vocab, normalize, normDec })
  }

  /** Precision, recall and F1 of every class, and their averages. */
  classificationReport(): ClassificationReport {
    return classificationReport(this.confusionMatrix(), this.vocab)
  }

  /** Prints the report, laid out as scikit-learn does. */
  printClassificationReport({ digits = 2 } = {}): void {
    console.log(this.classificationReport().toText({ digits }))
  }

  /** The share of items taken for another class. */
  get errorRate(): number {
    const { actual, predicted } = this.results
    return actual.reduce((wrong, a, i) => wrong + Number(a !== predicted[i]), 0) / actual.length
  }
}
