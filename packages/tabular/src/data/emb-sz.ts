import { EspalierError } from '@espalier/data'
import { missingColumn } from '../frame/missing-column.js'
import { own } from '../frame/own.js'

/** The usual size of an embedding of `n` classes (fastai's `emb_sz_rule`): min(600, round(1.6 · n^0.56)). */
export function embSzRule(n: number): number {
  const size = 1.6 * n ** 0.56
  const half = size - Math.floor(size) === 0.5
  // Python rounds halves to the even number.
  return Math.min(600, half ? 2 * Math.round(size / 2) : Math.round(size))
}

/** Tables that know the classes of their categorical columns. */
export interface WithClasses {
  readonly catNames: readonly string[]
  readonly classes: Readonly<Record<string, readonly string[]>>
}

/**
 * Number of classes and size of the embedding of each categorical column, in their order (fastai's `get_emb_sz`);
 * `sizes` says some sizes in place of the rule.
 *
 * @example
 * getEmbSz(dls, { city: 12 })
 */
export function getEmbSz(
  { catNames, classes }: WithClasses,
  sizes: Readonly<Record<string, number>> = {},
): (readonly [classes: number, size: number])[] {
  for (const [name, size] of Object.entries(sizes)) {
    if (!catNames.includes(name)) throw missingColumn(name, catNames, 'the list of categorical columns')
    if (Number.isInteger(size) && size >= 1) continue
    throw new EspalierError(
      'tabular/emb-size',
      `the embedding of '${name}' cannot have the size ${String(size)}`,
      {
        fix: 'say a whole number ≥ 1',
      },
    )
  }
  return catNames.map((name) => {
    const n = classes[name]!.length
    return [n, own(sizes, name) ?? embSzRule(n)]
  })
}
