import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type NdArray, ndArray } from '../nd-array.js'
import type { Transform } from '../transform/transform.js'
import { codesOf } from './multi-label.js'

/** How many places a {@link OneHotEncode} makes. */
export interface OneHotEncodeOptions {
  /** Default: as many as the step before it has classes. */
  readonly c?: number
}

/** The numbers of classes `[k]` ↔ a place for each class, 1 where it is among them: `[c]` float32 (fastai's `OneHotEncode`). */
export class OneHotEncode implements Transform<NdArray<'int32'>, NdArray<'float32'>> {
  readonly name = 'oneHotEncode'
  readonly order = 2
  #c: number | undefined

  constructor({ c }: OneHotEncodeOptions = {}) {
    this.#c = c
  }

  setup(_: AsyncIterable<NdArray<'int32'>>, before: readonly Transform[]): void {
    const classes = before.findLast((t): t is Transform & { readonly c: number } => 'c' in t)
    this.#c ??= classes?.c
    if (this.#c === undefined) throw this.#unset()
  }

  encode(codes: NdArray<'int32'>): NdArray<'float32'> {
    const c = this.#c
    if (c === undefined) throw this.#unset()
    const places = new Float32Array(c)
    for (const code of codes.data) {
      if (code < 0 || code >= c) {
        throw new EspalierError('category/code', `oneHotEncode: class ${code} is not one of ${c}`, {
          fix: `the codes ${describe(Array.from(codes.data))} were made with another vocabulary`,
        })
      }
      places[code] = 1
    }
    return ndArray('float32', [c], places, 'multicategory')
  }

  decode(places: NdArray): NdArray<'int32'> {
    return codesOf(places)
  }

  toJSON() {
    if (this.#c === undefined) throw this.#unset()
    return { c: this.#c }
  }

  #unset(): EspalierError {
    return new EspalierError('category/unset', 'oneHotEncode does not know how many classes there are', {
      fix: 'put it behind multiCategorize, or say new OneHotEncode({ c: 5 })',
    })
  }
}
