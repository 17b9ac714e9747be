import { checkOptions } from '../check-options.js'
import { describe, describeNumber } from '../describe.js'
import { EspalierError, listed } from '../errors.js'
import { type NdArray, ndArray } from '../nd-array.js'
import type { Transform } from '../transform/transform.js'
import type { Cell, Target } from './block.js'
import {
  codesOf,
  defaultThresh,
  labelsCell,
  type MultiCategoryPrediction,
  readLabels,
} from './multi-label.js'
import { checkLabel, Vocab, withNa } from './vocab.js'

/** Where the classes come from, and which count as predicted. */
export interface MultiCategorizeOptions {
  /** The classes; default: the sorted labels of the training items. */
  readonly vocab?: readonly string[]
  /** Puts `#na#` first and encodes unknown labels as it. */
  readonly addNa?: boolean
  /** The probability above which a label counts as predicted. Default 0.5. */
  readonly thresh?: number
}

/** Several labels ↔ their positions in the vocabulary, `[k]` int32 (fastai's `MultiCategorize`). */
export class MultiCategorize
  implements Transform<readonly string[], NdArray<'int32'>>, Target<MultiCategoryPrediction>
{
  readonly name = 'multiCategorize'
  readonly order = 1
  readonly loss = 'bceWithLogits'
  readonly thresh: number
  #vocab: Vocab | undefined

  constructor(readonly options: MultiCategorizeOptions = {}) {
    checkOptions('multiCategoryBlock', options, ['vocab', 'addNa', 'thresh'])
    this.thresh = checkThresh(options.thresh)
    if (options.vocab) this.#use(options.vocab)
  }

  get vocab(): readonly string[] {
    return this.#known.labels
  }

  get c(): number {
    return this.vocab.length
  }

  get #known(): Vocab {
    if (this.#vocab) return this.#vocab
    throw new EspalierError('category/unset', 'multiCategorize: not set up yet', {
      fix: 'give it a vocabulary, or let a data set set it up',
    })
  }

  async setup(items: AsyncIterable<readonly string[]>): Promise<void> {
    if (this.#vocab) return
    const seen = new Set<string>()
    for await (const labels of items) for (const label of checkLabels(labels)) seen.add(label)
    if (seen.size === 0) {
      throw new EspalierError('category/none', 'no training item has a label', {
        fix: 'check the label function: it must return the labels of an item as a list',
      })
    }
    this.#use([...seen].sort())
  }

  async check(items: AsyncIterable<readonly string[]>): Promise<void> {
    if (this.options.addNa) return
    const unknown = new Set<string>()
    for await (const labels of items) {
      for (const label of checkLabels(labels))
        if (this.#known.indexOf(label) === undefined) unknown.add(label)
    }
    if (unknown.size > 0) throw this.#unseen('validation items have labels', [...unknown])
  }

  encode(labels: readonly string[]): NdArray<'int32'> {
    const codes = new Set<number>()
    const unknown: string[] = []
    for (const label of checkLabels(labels)) {
      const code = this.#known.indexOf(label) ?? (this.options.addNa ? 0 : undefined)
      if (code === undefined) unknown.push(label)
      else codes.add(code)
    }
    if (unknown.length > 0) throw this.#unseen('an item has labels', unknown)
    return ndArray('int32', [codes.size], [...codes], 'multicategory')
  }

  decode(codes: NdArray): readonly string[] {
    return Array.from(codesOf(codes).data, (i) => this.#known.at(i))
  }

  show(codes: NdArray): Cell {
    return labelsCell(this.#known, codes)
  }

  read(activations: Float32Array): MultiCategoryPrediction {
    return readLabels(this.#known, activations, this.thresh)
  }

  toJSON() {
    return { vocab: this.vocab, addNa: this.options.addNa ?? false, thresh: this.thresh }
  }

  #use(labels: readonly string[]): void {
    const { vocab = labels, addNa = false } = this.options
    this.#vocab = new Vocab(Array.isArray(vocab) ? withNa(vocab, addNa) : vocab, 'multiCategoryBlock')
  }

  #unseen(what: string, labels: readonly string[]): EspalierError {
    return new EspalierError(
      'category/unseen',
      `${what} that ${this.options.vocab ? 'are not in the vocabulary' : 'no training item has'}: ${listed(labels)}`,
      {
        fix: `the vocabulary is ${listed(this.vocab)}: add them, or use multiCategoryBlock({ addNa: true })`,
      },
    )
  }
}

/** A threshold, if it is one; the usual one in place of none. */
export function checkThresh(thresh: number | undefined = defaultThresh): number {
  if (typeof thresh === 'number' && thresh > 0 && thresh < 1) return thresh
  throw new EspalierError('category/thresh', `thresh must be in (0, 1), got ${describeNumber(thresh)}`, {
    fix: 'it is a probability: a label above it counts as predicted',
  })
}

function checkLabels(labels: unknown): readonly string[] {
  if (!Array.isArray(labels)) {
    throw new EspalierError(
      'category/labels',
      `the labels of an item must be a list, got ${describe(labels)}`,
      {
        fix: "make the label function return a list: text.split(' '), or colReader('tags', { labelDelim: ' ' })",
      },
    )
  }
  labels.forEach(checkLabel)
  return labels
}
