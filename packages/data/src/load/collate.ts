import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { isNdArray, type NdArray, ndArray, stack } from '../nd-array.js'

/** What a sample may consist of once its item transforms have run. */
export type Element = NdArray | number | boolean

/** A number becomes a float32, a boolean a bool of shape []. */
function toArray(x: unknown, where: () => string): NdArray {
  if (isNdArray(x)) return x
  if (typeof x === 'number') return ndArray('float32', [], [x])
  if (typeof x === 'boolean') return ndArray('bool', [], [Number(x)])
  throw new EspalierError('collate/element', `${where()} is ${describe(x)}, not an array or a number`, {
    fix: 'end the item transforms with one that returns an array (for images: toTensor, added by imageBlock)',
  })
}

/**
 * Stacks samples element by element: b × (`[h, w, c]`, `[]`) → (`[b, h, w, c]`, `[b]`). `ids` name the samples
 * in the error that a mismatch throws.
 */
export function collate(
  samples: readonly (readonly unknown[])[],
  ids: readonly string[],
): readonly NdArray[] {
  const first = samples[0]
  if (!first) throw new Error('collate: no samples')
  const uneven = samples.findIndex((s) => s.length !== first.length)
  if (uneven > 0) {
    throw new EspalierError(
      'collate/length',
      `cannot stack samples: ${ids[uneven]} has ${samples[uneven]!.length} elements, ${ids[0]} has ${first.length}`,
      { fix: 'make every item give as many elements' },
    )
  }
  return first.map((_, position) => {
    const arrays = samples.map((s, i) => toArray(s[position], () => `element ${position} of ${ids[i]}`))
    const odd = arrays.findIndex(
      (a) => String(a.shape) !== String(arrays[0]!.shape) || a.dtype !== arrays[0]!.dtype,
    )
    if (odd > 0) {
      throw new EspalierError(
        'collate/shape',
        `cannot stack element ${position} into a batch: ${describe(arrays[0])} (${ids[0]}) and ${describe(arrays[odd])} (${ids[odd]})`,
        { fix: 'give all samples one shape with an item transform, such as resize(224) for images' },
      )
    }
    return stack(arrays)
  })
}
