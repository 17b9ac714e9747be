import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'

/** The label that stands for all those that are not known. */
const notKnown = '#na#'

/** Labels in order, and where each of them is. */
export class Vocab {
  readonly #index: ReadonlyMap<string, number>

  /** `example` says in an error how a vocabulary is given. */
  constructor(
    readonly labels: readonly string[],
    example: string,
  ) {
    if (!Array.isArray(labels) || labels.length === 0) {
      throw new EspalierError('category/vocab', `a vocabulary is a list of labels, got ${describe(labels)}`, {
        fix: `say ${example}({ vocab: ['cat', 'dog'] })`,
      })
    }
    labels.forEach(checkLabel)
    this.#index = new Map(labels.map((label, i) => [label, i]))
    const twice = labels.find((label, i) => this.#index.get(label) !== i)
    if (twice === undefined) return
    throw new EspalierError('category/vocab', `the vocabulary has the label '${twice}' twice`, {
      fix: 'name each class once: [...new Set(labels)]',
    })
  }

  indexOf(label: string): number | undefined {
    return this.#index.get(label)
  }

  /** The label at a place; of a place that there is not, its number. */
  at(index: number): string {
    return this.labels[index] ?? `#${index}`
  }
}

/** The labels of a vocabulary, `#na#` before them where it is asked for. */
export function withNa(labels: readonly string[], addNa: boolean): readonly string[] {
  return addNa && labels[0] !== notKnown ? [notKnown, ...labels] : labels
}

/** Throws unless a label is a string. */
export function checkLabel(label: unknown): void {
  if (typeof label === 'string') return
  throw new EspalierError('category/label', `a label must be a string, got ${describe(label)}`, {
    fix: 'make the label function return a string: String(label)',
  })
}
