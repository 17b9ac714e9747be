/**
 * Texts, and language models and classifiers for them. This entry runs anywhere; on Node, files come on top.
 * @module
 */

export { NextToken, type NextTokenPrediction } from './blocks/next-token.js'
export { registerTextParts } from './blocks/register-text-parts.js'
export type { TextBlock, TextBlockOptions } from './blocks/text-block.js'
export { textBlock } from './blocks/text-block.js'
export {
  type LabelledTexts,
  type MultiLabelledTexts,
  TextDataLoaders,
  type TextDataLoadersOptions,
  type TextsFrom,
  type TextsFromDfOptions,
} from './blocks/text-data-loaders.js'
export { encodeText, type LmDataLoaders, type TextLoadersOf, textVocab } from './blocks/text-loaders.js'
export { type ChooseOptions, chooseToken } from './generate/choose.js'
export { type GenerateOptions, generate } from './generate/generate.js'
export {
  type AttributeTextOptions,
  attributeText,
  type TextAttribution,
} from './interpret/attribute-text.js'
export { ColouredText, type WeighedWord } from './interpret/coloured-text.js'
export { averagePreds } from './learner/average-preds.js'
export {
  LanguageModelLearner,
  type LanguageModelLearnerOptions,
  type LmPrediction,
  type LmPredictOptions,
  languageModelLearner,
} from './learner/language-model-learner.js'
export {
  type EncoderReport,
  type LoadEncoderOptions,
  loadEncoder,
  loadLanguageModel,
} from './learner/load-encoder.js'
export { loadLearner } from './learner/load-learner.js'
export { registerTextModel } from './learner/portable-text-model.js'
export { rnnCallback } from './learner/rnn-callback.js'
export { type RnnRegularizerOptions, rnnRegularizer } from './learner/rnn-regularizer.js'
export { saveEncoder } from './learner/save-encoder.js'
export {
  TextClassifierLearner,
  type TextClassifierLearnerOptions,
  textClassifierLearner,
} from './learner/text-classifier-learner.js'
export type { TextLearnerOptions } from './learner/text-learner-options.js'
export { readTextWeights, type TextWeights, type TextWeightsSource } from './learner/text-weights.js'
export { LMDataLoader, type LMDataLoaderOptions, type LmArrays } from './load/lm-data-loader.js'
export { type PadInputOptions, padInput } from './load/pad-input.js'
export {
  type PadChunkOptions,
  type PadInputChunkOptions,
  padChunk,
  padInputChunk,
} from './load/pad-input-chunk.js'
export { reverseText } from './load/reverse-text.js'
export { SortedDL, type SortedDLOptions } from './load/sorted-dl.js'
export { semiSorted, sortedOrder } from './load/sorted-order.js'
export { type StreamOptions, type TextParts, TextStream } from './load/text-stream.js'
export { archOf, awdLstm, awdQrnn } from './models/archs.js'
export { AwdLstm } from './models/awd-lstm.js'
export {
  type AwdLstmClasConfig,
  type AwdLstmConfig,
  type AwdLstmLmConfig,
  awdLstmClasConfig,
  awdLstmLmConfig,
} from './models/awd-lstm-config.js'
export { getLanguageModel, type LanguageModelOptions } from './models/get-language-model.js'
export { getTextClassifier, type TextClassifierOptions } from './models/get-text-classifier.js'
export { matchEmbeds } from './models/match-embeds.js'
export { awdLstmClasSplit, awdLstmLmSplit } from './models/splitters.js'
export type { RecurrentEncoder, TextArch } from './models/text-arch.js'
export { EmbeddingDropout } from './nn/embedding-dropout.js'
export { LinearDecoder, type LinearDecoderOptions } from './nn/linear-decoder.js'
export { Lstm } from './nn/lstm.js'
export { maskedConcatPool } from './nn/masked-concat-pool.js'
export { PoolingLinearClassifier } from './nn/pooling-linear-classifier.js'
export { Qrnn } from './nn/qrnn.js'
export type { Recurrent, RecurrentOutput } from './nn/recurrent.js'
export { RNNDropout } from './nn/rnn-dropout.js'
export { noteOutputs, outputsOf, type RnnOutputs } from './nn/rnn-outputs.js'
export { type Encoded, SentenceEncoder, type SentenceEncoderOptions } from './nn/sentence-encoder.js'
export { encoderOf, SequentialRnn } from './nn/sequential-rnn.js'
export { WeightDropout } from './nn/weight-dropout.js'
export { makeVocab, type VocabOptions } from './numericalize/make-vocab.js'
export { countTokens, Numericalize, type NumericalizeOptions } from './numericalize/numericalize.js'
export { baseTokenizer } from './tokenize/base-tokenizer.js'
export { type DecodeSpecTokensOptions, decodeSpecTokens } from './tokenize/decode-spec-tokens.js'
export {
  defaultPostRules,
  defaultRules,
  fixHtml,
  lowercase,
  replaceAllCaps,
  replaceMaj,
  replaceRep,
  replaceSpace,
  replaceWrep,
  rmUselessSpaces,
  specAddSpaces,
  type TextRule,
} from './tokenize/rules.js'
export { specialTokens } from './tokenize/special-tokens.js'
export {
  type SubwordTokenizer,
  type SubwordTokenizerOptions,
  subwordTokenizer,
} from './tokenize/subwords/subword-tokenizer.js'
export type { TokenizerJson } from './tokenize/subwords/tokenizer-json.js'
export { TextProcessor, type TextProcessorOptions } from './tokenize/text-processor.js'
export type { TextTokenizer } from './tokenize/text-tokenizer.js'
export { type TextInput, Tokenize } from './tokenize/tokenize.js'
export { type TokenizeDfOptions, type TokenizedRow, tokenizeDf } from './tokenize/tokenize-df.js'
export { TokenizedText, type TokenSource, type Tokens } from './tokenize/tokens.js'
export { type WordTokenizerOptions, wordTokenizer } from './tokenize/word-tokenizer.js'
