import { type BeforeBatch, checkOptions, describeNumber, EspalierError, ndArray } from '@espalier/data'
import { textAt } from './pad-input.js'

/** How texts are padded in chunks. */
export interface PadChunkOptions {
  /** Default 1, the id of `xxpad`. */
  readonly padIdx?: number
  /** Default true: whole chunks of padding come first. */
  readonly padFirst?: boolean
  /** The length of a chunk: the model's `bptt`. Default 72. */
  readonly seqLen?: number
}

/** How the texts of a batch are padded in chunks. */
export interface PadInputChunkOptions extends PadChunkOptions {
  /** How many elements of a sample, from the first, are texts. Default 1. */
  readonly nInp?: number
  /**
   * Pads up to a multiple of `seqLen`, so that a model which reads chunks finds the last token of every text where it
   * looks for it. Default true; false does as fastai does, whose classifier loses tokens of some texts by it.
   */
  readonly padToMultiple?: boolean
}

/** Pads one text to a length: whole chunks of padding first, what is left of it at the end (fastai's `pad_chunk`). */
export function padChunk(
  ids: Int32Array,
  {
    padIdx = 1,
    padFirst = true,
    seqLen = 72,
    padLen = 10,
  }: PadChunkOptions & { readonly padLen?: number } = {},
): Int32Array {
  const padded = new Int32Array(Math.max(padLen, ids.length)).fill(padIdx)
  const before = padFirst ? Math.floor((padded.length - ids.length) / seqLen) * seqLen : 0
  padded.set(ids, before)
  return padded
}

/**
 * Pads the texts of a batch so that every one begins at a chunk of the model's (fastai's `pad_input_chunk`): to the
 * longest, rounded up to whole chunks.
 */
export function padInputChunk(options: PadInputChunkOptions = {}): BeforeBatch {
  checkOptions('padInputChunk', options, ['padIdx', 'padFirst', 'seqLen', 'nInp', 'padToMultiple'])
  const { padIdx = 1, padFirst = true, seqLen = 72, nInp = 1, padToMultiple = true } = options
  if (!Number.isInteger(seqLen) || seqLen < 1) {
    throw new EspalierError(
      'text/seq-len',
      `seqLen must be a whole number ≥ 1, got ${describeNumber(seqLen)}`,
      {
        fix: 'say seqLen: 72',
      },
    )
  }
  return {
    name: 'padInputChunk',
    toJSON: () => ({ padIdx, padFirst, seqLen, nInp, padToMultiple }),
    encodeSamples(samples) {
      const texts = samples.map((s) => s.slice(0, nInp).map((_, f) => textAt(s, f).data))
      const longest = Math.max(1, ...texts.flat().map((ids) => ids.length))
      const padLen = padToMultiple ? Math.ceil(longest / seqLen) * seqLen : longest
      return samples.map((sample, i) => [
        ...texts[i]!.map((ids) =>
          ndArray('int32', [padLen], padChunk(ids, { padIdx, padFirst, seqLen, padLen }), 'text'),
        ),
        ...sample.slice(nInp),
      ])
    },
  }
}
