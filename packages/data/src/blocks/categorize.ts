import { describe } from '../describe.js'
import { EspalierError, listed } from '../errors.js'
import { type NdArray, ndArray } from '../nd-array.js'
import type { Transform } from '../transform/transform.js'
import type { Cell, Target } from './block.js'

/** Where the classes come from. */
export interface CategorizeOptions {
  /** The classes; default: the sorted labels of the training items. */
  readonly vocab?: readonly string[]
  /** Puts `#na#` first and encodes unknown labels as it. */
  readonly addNa?: boolean
}

const notKnown = '#na#'

/** A predicted class. */
export interface CategoryPrediction {
  readonly label: string
  readonly index: number
  /** Of each class, in the order of the vocabulary. */
  readonly probabilities: Float32Array
}

/** A label ↔ its position in the vocabulary (fastai's `Categorize`). */
export class Categorize implements Transform<string, NdArray<'int32'>>, Target<CategoryPrediction> {
  readonly name = 'categorize'
  readonly order = 1
  readonly loss = 'crossEntropy'
  #vocab: readonly string[] | undefined
  #index: ReadonlyMap<string, number> = new Map()
  /** How many training items were seen in `setup`. */
  #items = 0

  constructor(readonly options: CategorizeOptions = {}) {
    if (options.vocab) this.#use(options.vocab)
  }

  get vocab(): readonly string[] {
    if (!this.#vocab) {
      throw new EspalierError('category/unset', 'categorize: not set up yet', {
        fix: 'give it a vocabulary, or let a data set set it up',
      })
    }
    return this.#vocab
  }

  get c(): number {
    return this.vocab.length
  }

  async setup(labels: AsyncIterable<string>): Promise<void> {
    if (this.#vocab) return
    const seen = new Set<string>()
    for await (const label of labels) {
      checkLabel(label)
      seen.add(label)
      this.#items++
    }
    if (seen.size === 0) {
      throw new EspalierError('category/none', 'no training item has a label: all of them were left out', {
        fix: 'look at what the label function leaves out (SkipItem)',
      })
    }
    if (seen.size === 1 && !this.options.addNa) {
      throw new EspalierError('category/one-class', `all training items have the label '${[...seen][0]}'`, {
        fix: 'a classifier needs at least two classes: check the label function and the folders',
      })
    }
    this.#use([...seen].sort())
  }

  async check(labels: AsyncIterable<string>): Promise<void> {
    if (this.options.addNa) return
    const unknown = new Set<string>()
    for await (const label of labels) {
      checkLabel(label)
      if (!this.#index.has(label)) unknown.add(label)
    }
    if (unknown.size === 0) return
    const each = this.#items > 2 && this.#items === this.vocab.length
    throw new EspalierError(
      'category/unseen',
      `validation items have labels that ${this.options.vocab ? 'are not in the vocabulary' : 'no training item has'}: ${listed([...unknown])}`,
      {
        fix: this.options.vocab
          ? `the vocabulary is ${listed(this.vocab)}: add them, or use categoryBlock({ addNa: true })`
          : each
            ? 'every training item has a label of its own: give a label function (getY) that tells classes'
            : 'move some of these items to the training set, or use categoryBlock({ addNa: true })',
      },
    )
  }

  encode(label: string): NdArray<'int32'> {
    const index = this.#index.get(label) ?? (this.options.addNa ? 0 : undefined)
    if (index === undefined) {
      throw new EspalierError(
        'category/unseen',
        `label '${label}' is not in the vocabulary: ${listed(this.vocab)}`,
        {
          fix: 'add it to the training items, or use categoryBlock({ addNa: true })',
        },
      )
    }
    return ndArray('int32', [], [index], 'category')
  }

  decode(code: NdArray<'int32'>): string {
    return this.vocab[code.data[0]!] ?? `#${code.data[0]}`
  }

  show(code: NdArray): Cell {
    return { text: this.decode(code as NdArray<'int32'>) }
  }

  read(activations: Float32Array): CategoryPrediction {
    const index = activations.reduce((best, p, i) => (p > activations[best]! ? i : best), 0)
    return { label: this.vocab[index] ?? `#${index}`, index, probabilities: activations }
  }

  toJSON() {
    return { vocab: this.vocab, addNa: this.options.addNa ?? false }
  }

  #use(labels: readonly string[]): void {
    if (!Array.isArray(labels) || labels.length === 0) {
      throw new EspalierError('category/vocab', `a vocabulary is a list of labels, got ${describe(labels)}`, {
        fix: "say categoryBlock({ vocab: ['cat', 'dog'] })",
      })
    }
    labels.forEach(checkLabel)
    const vocab = this.options.addNa && labels[0] !== notKnown ? [notKnown, ...labels] : labels
    const index = new Map(vocab.map((label, i) => [label, i]))
    const twice = vocab.find((label, i) => index.get(label) !== i)
    if (twice !== undefined) {
      throw new EspalierError('category/vocab', `the vocabulary has the label '${twice}' twice`, {
        fix: 'name each class once: [...new Set(labels)]',
      })
    }
    this.#vocab = vocab
    this.#index = index
  }
}

function checkLabel(label: unknown): void {
  if (typeof label === 'string') return
  throw new EspalierError('category/label', `a label must be a string, got ${describe(label)}`, {
    fix: 'make the label function return a string: String(label)',
  })
}
