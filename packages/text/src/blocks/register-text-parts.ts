import { registerPart } from '@espalier/core'
import { type PadInputOptions, padInput } from '../load/pad-input.js'
import { type PadInputChunkOptions, padInputChunk } from '../load/pad-input-chunk.js'
import { reverseText } from '../load/reverse-text.js'
import { Numericalize, type NumericalizeOptions } from '../numericalize/numericalize.js'
import { TextProcessor, type TextProcessorSpec } from '../tokenize/text-processor.js'
import { Tokenize } from '../tokenize/tokenize.js'
import { NextToken } from './next-token.js'

/** Lets exported models name the steps of texts. */
export function registerTextParts(): void {
  registerPart('transform', 'tokenize', (spec: TextProcessorSpec) => new Tokenize(TextProcessor.of(spec)))
  registerPart('transform', 'numericalize', (options: NumericalizeOptions) => new Numericalize(options))
  registerPart('transform', 'reverseText', () => reverseText())
  registerPart('beforeBatch', 'padInput', (options: PadInputOptions) => padInput(options))
  registerPart('beforeBatch', 'padInputChunk', (options: PadInputChunkOptions) => padInputChunk(options))
  registerPart(
    'target',
    'nextToken',
    (options: { readonly vocab: readonly string[] }) => new NextToken(options),
  )
}
