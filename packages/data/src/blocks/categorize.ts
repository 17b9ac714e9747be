import { EspalierError, listed } from '../errors.js'
import { describe } from '../load/collate.js'
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

  constructor(readonly options: CategorizeOptions = {}) {
    if (options.vocab) this.#use(options.vocab)
  }

  get vocab(): readonly string[] {
    if (!this.#vocab) throw new Error('categorize: not set up yet')
    return this.#vocab
  }

  get c(): number {
    return this.vocab.length
  }

  async setup(labels: AsyncIterable<string>): Promise<void> {
    if (this.#vocab) return
    const seen = new Set<string>()
    for await (const label of labels) {
      if (typeof label !== 'string') {
        throw new EspalierError('category/label', `a label must be a string, got ${describe(label)}`, {
          fix: 'make the label function return a string: String(label)',
        })
      }
      seen.add(label)
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
    for await (const label of labels) if (!this.#index.has(label)) unknown.add(label)
    if (unknown.size > 0) {
      throw new EspalierError(
        'category/unseen',
        `validation items have labels that no training item has: ${listed([...unknown])}`,
        { fix: 'move some of these items to the training set, or use categoryBlock({ addNa: true })' },
      )
    }
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
    const vocab = this.options.addNa && labels[0] !== notKnown ? [notKnown, ...labels] : labels
    const index = new Map(vocab.map((label, i) => [label, i]))
    const twice = vocab.find((label, i) => index.get(label) !== i)
    if (twice !== undefined) {
      throw new EspalierError('category/vocab', `the vocabulary has the label '${twice}' twice`)
    }
    this.#vocab = vocab
    this.#index = index
  }
}
