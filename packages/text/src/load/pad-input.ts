import {
  type BeforeBatch,
  checkOptions,
  describe,
  EspalierError,
  isNdArray,
  type NdArray,
  ndArray,
  type Sample,
} from '@espalier/data'

/** How texts of a batch are brought to one length. */
export interface PadInputOptions {
  /** Default 1, the id of `xxpad`. */
  readonly padIdx?: number
  /** Which elements of a sample are texts. Default: the first. */
  readonly padFields?: number | readonly number[]
  /** Default false: padding comes at the end. */
  readonly padFirst?: boolean
  /** Turns the texts round, padding included. */
  readonly backwards?: boolean
}

/** Pads the texts of a batch to the longest (fastai's `pad_input`). */
export function padInput(options: PadInputOptions = {}): BeforeBatch {
  checkOptions('padInput', options, ['padIdx', 'padFields', 'padFirst', 'backwards'])
  const { padIdx = 1, padFields = 0, padFirst = false, backwards = false } = options
  const fields = [padFields].flat()
  const first = backwards ? !padFirst : padFirst
  return {
    name: 'padInput',
    toJSON: () => ({ padIdx, padFields: fields, padFirst, backwards }),
    encodeSamples(samples) {
      const length = new Map(
        fields.map((f) => [f, Math.max(1, ...samples.map((s) => textAt(s, f).data.length))]),
      )
      return samples.map((sample) =>
        sample.map((element, f) => {
          const n = length.get(f)
          if (n === undefined) return element
          const ids = (element as NdArray<'int32'>).data
          const padded = new Int32Array(n).fill(padIdx)
          padded.set(ids, first ? n - ids.length : 0)
          return ndArray('int32', [n], backwards ? padded.reverse() : padded, 'text')
        }),
      )
    },
  }
}

/** The text at a place of a sample. */
export function textAt(sample: Sample, field: number): NdArray<'int32'> {
  const element = sample[field]
  if (isNdArray(element) && element.dtype === 'int32' && element.shape.length === 1)
    return element as NdArray<'int32'>
  throw new EspalierError(
    'text/pad',
    `element ${field} of a sample is ${describe(element)}, not the ids of a text`,
    {
      fix: 'say with padFields which elements are texts',
    },
  )
}
