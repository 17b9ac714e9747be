import {
  type Block,
  checkOptions,
  describeNumber,
  EspalierError,
  type NdArray,
  type TransformLike,
} from '@espalier/data'
import { padInput } from '../load/pad-input.js'
import { padInputChunk } from '../load/pad-input-chunk.js'
import { reverseText } from '../load/reverse-text.js'
import {
  Numericalize,
  type NumericalizeOptions,
  numericalizeOptionNames,
} from '../numericalize/numericalize.js'
import type { TextProcessorOptions } from '../tokenize/text-processor.js'
import { type TextInput, Tokenize } from '../tokenize/tokenize.js'
import { TokenizedText } from '../tokenize/tokens.js'
import { sortedLoaders } from './sorted-loaders.js'

/** How the texts of a block are read. */
export interface TextBlockOptions extends TextProcessorOptions, NumericalizeOptions {
  /** For a language model: batches of a stream of tokens, with the next ones as their target. Default false. */
  readonly isLm?: boolean
  /** How many tokens are read at a time: a window of the stream, or a chunk of a text. Default 72. */
  readonly seqLen?: number
  /** Turns texts round. Default false. */
  readonly backwards?: boolean
  /**
   * Pads up to whole chunks, for models that look for the last token at the end of one. Default false: `SentenceEncoder`
   * reads every text from its own beginning to its own end, and batches have less than half of the padding.
   */
  readonly padToMultiple?: boolean
}

/** A block of texts; loaders ask it how it is loaded. */
export interface TextBlock extends Block<TextInput, NdArray<'int32'>> {
  readonly isLm: boolean
  readonly seqLen: number
}

/**
 * A text per item (fastai's `TextBlock`): tokenized, numbered, and in a batch `[b, L]` int32, padded in front in whole
 * chunks so that the longest ends where the batch does. Loaders bring texts of about one length together; with `isLm`,
 * `TextDataLoaders.fromDblock` makes windows of a stream.
 *
 * @example
 * const reviews = dataBlock({ blocks: [textBlock(), categoryBlock()], getX: (r: Row) => r.text, getY: (r) => r.label })
 * const dls = await reviews.dataLoaders(rows, { bs: 32 })
 */
export function textBlock(options: TextBlockOptions = {}): TextBlock {
  checkOptions('textBlock', options, [...own, ...numericalizeOptionNames])
  const {
    isLm = false,
    seqLen = 72,
    backwards = false,
    padToMultiple = false,
    tok,
    rules,
    postRules,
    ...numbers
  } = options
  if (!Number.isInteger(seqLen) || seqLen < 1) {
    throw new EspalierError(
      'text/seq-len',
      `seqLen must be a whole number ≥ 1, got ${describeNumber(seqLen)}`,
      {
        fix: 'say seqLen: 72',
      },
    )
  }
  const processing = { ...(tok && { tok }), ...(rules && { rules }), ...(postRules && { postRules }) }
  const steps = (): TransformLike[] => [
    new Tokenize(processing),
    new Numericalize(numbers),
    ...(backwards ? [reverseText()] : []),
  ]
  steps() // Says at once what is wrong with the options.
  return {
    name: 'text',
    isLm,
    seqLen,
    typeTfms: steps,
    dlType: isLm ? notOfSamples : sortedLoaders,
    beforeBatch: [isLm ? padInput() : padInputChunk({ seqLen, padToMultiple })],
    accepts: (raw) =>
      typeof raw === 'string' || raw instanceof TokenizedText
        ? undefined
        : 'a text must be a string: for a row say getX: (row) => row.text',
  }
}

/** A language model has no samples to load one by one. */
function notOfSamples(): never {
  throw new EspalierError('text/block', 'batches of a language model are windows of a stream, not samples', {
    fix: 'make its loaders with TextDataLoaders.fromDblock(block, source)',
  })
}

const own = ['isLm', 'seqLen', 'backwards', 'padToMultiple', 'tok', 'rules', 'postRules']

/** Whether a block is one of texts. */
export function isTextBlock(block: unknown): block is TextBlock {
  return typeof block === 'object' && block !== null && 'seqLen' in block && 'isLm' in block
}
