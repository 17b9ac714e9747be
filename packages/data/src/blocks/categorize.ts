import { checkOptions } from '../check-options.js'
import { EspalierError, listed } from '../errors.js'
import { type NdArray, ndArray } from '../nd-array.js'
import { movable } from '../transform/movable.js'
import type { Transform } from '../transform/transform.js'
import type { Cell, Target } from './block.js'
import { checkLabel, Vocab, withNa } from './vocab.js'

/** Where the classes come from. */
export interface CategorizeOptions {
  /** The classes; default: the labels of the training items. */
  readonly vocab?: readonly string[]
  /** False keeps the labels in the order in which the training items have them. Default true. */
  readonly sort?: boolean
  /** Puts `#na#` first and encodes unknown labels as it. */
  readonly addNa?: boolean
}

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
  #vocab: Vocab | undefined
  /** How many training items were seen in `setup`. */
  #items = 0

  constructor(readonly options: CategorizeOptions = {}) {
    checkOptions('categoryBlock', options, ['vocab', 'sort', 'addNa'])
    if (options.vocab) this.#use(options.vocab)
    if (new.target === Categorize) movable(this, '@espalier/data', { light: true })
  }

  get vocab(): readonly string[] {
    return this.#known.labels
  }

  get c(): number {
    return this.vocab.length
  }

  get #known(): Vocab {
    if (this.#vocab) return this.#vocab
    throw new EspalierError('category/unset', 'categorize: not set up yet', {
      fix: 'give it a vocabulary, or let a data set set it up',
    })
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
    this.#use(this.options.sort === false ? [...seen] : [...seen].sort())
  }

  async check(labels: AsyncIterable<string>): Promise<void> {
    if (this.options.addNa) return
    const unknown = new Set<string>()
    for await (const label of labels) {
      checkLabel(label)
      if (this.#known.indexOf(label) === undefined) unknown.add(label)
    }
    if (unknown.size === 0) return
    const each = this.#items > 2 && this.#items === this.c
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
    const index = this.#known.indexOf(label) ?? (this.options.addNa ? 0 : undefined)
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
    return this.#known.at(code.data[0]!)
  }

  show(code: NdArray): Cell {
    return { text: this.decode(code as NdArray<'int32'>) }
  }

  read(activations: Float32Array): CategoryPrediction {
    const index = activations.reduce((best, p, i) => (p > activations[best]! ? i : best), 0)
    return { label: this.#known.at(index), index, probabilities: activations }
  }

  toJSON() {
    return { vocab: this.vocab, addNa: this.options.addNa ?? false }
  }

  #use(labels: readonly string[]): void {
    const { vocab = labels, addNa = false } = this.options
    this.#vocab = new Vocab(Array.isArray(vocab) ? withNa(vocab, addNa) : vocab, 'categoryBlock')
  }
}
