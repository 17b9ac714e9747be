import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type NdArray, ndArray } from '../nd-array.js'
import type { Transform } from '../transform/transform.js'
import type { Cell, Target } from './block.js'
import { checkThresh } from './multi-categorize.js'
import { codesOf, labelsCell, type MultiCategoryPrediction, readLabels } from './multi-label.js'
import { Vocab } from './vocab.js'

/** What the places of an encoded label stand for. */
export interface EncodedMultiCategorizeOptions {
  readonly vocab: readonly string[]
  /** The probability above which a label counts as predicted. Default 0.5. */
  readonly thresh?: number
}

/** Labels that are encoded already, a 0 or 1 for each class: `[c]` float32 (fastai's `EncodedMultiCategorize`). */
export class EncodedMultiCategorize
  implements Transform<readonly (number | boolean)[], NdArray<'float32'>>, Target<MultiCategoryPrediction>
{
  readonly name = 'encodedMultiCategorize'
  readonly order = 1
  readonly loss = 'bceWithLogits'
  readonly thresh: number
  readonly #vocab: Vocab

  constructor({ vocab, thresh }: EncodedMultiCategorizeOptions) {
    this.#vocab = new Vocab(vocab, 'multiCategoryBlock')
    this.thresh = checkThresh(thresh)
  }

  get vocab(): readonly string[] {
    return this.#vocab.labels
  }

  get c(): number {
    return this.vocab.length
  }

  encode(places: readonly (number | boolean)[]): NdArray<'float32'> {
    const numbers = Array.from(places, Number)
    if (numbers.length !== this.c || numbers.some((v) => v !== 0 && v !== 1)) {
      throw new EspalierError(
        'category/encoded',
        `an encoded label is ${this.c} zeros and ones, got ${numbers.length}: ${describe(Array.from(places))}`,
        { fix: 'give one place for each class of the vocabulary' },
      )
    }
    return ndArray('float32', [this.c], numbers, 'multicategory')
  }

  decode(places: NdArray): readonly (number | boolean)[] {
    return Array.from(places.data, (v) => (v > 0.5 ? 1 : 0))
  }

  show(places: NdArray): Cell {
    return labelsCell(this.#vocab, codesOf(places))
  }

  read(activations: Float32Array): MultiCategoryPrediction {
    return readLabels(this.#vocab, activations, this.thresh)
  }

  toJSON() {
    return { vocab: this.vocab, thresh: this.thresh }
  }
}
