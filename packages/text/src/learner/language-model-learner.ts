import {
  Learner,
  learnerOptionNames,
  type Predicted,
  type PredictOptions,
  useEngine,
  withSeed,
} from '@espalier/core'
import { checkOptions } from '@espalier/data'
import type { NextTokenPrediction } from '../blocks/next-token.js'
import { type LmDataLoaders, textVocab } from '../blocks/text-loaders.js'
import { type GenerateOptions, generate, generateOptionNames } from '../generate/generate.js'
import { generated } from '../generate/generated.js'
import { getLanguageModel, type LanguageModelOptions } from '../models/get-language-model.js'
import type { TextArch } from '../models/text-arch.js'
import type { SequentialRnn } from '../nn/sequential-rnn.js'
import { checkStreams } from './check-text-loaders.js'
import {
  type EncoderReport,
  type LoadEncoderOptions,
  loadEncoder,
  loadLanguageModel,
} from './load-encoder.js'
import { orDispose } from './or-dispose.js'
import { portableTextModel } from './portable-text-model.js'
import { saveEncoder } from './save-encoder.js'
import { textCallbacks } from './text-callbacks.js'
import type { TextLearnerOptions } from './text-learner-options.js'
import type { TextWeightsSource } from './text-weights.js'

/** The options of a language model and of its learner together. */
export interface LanguageModelLearnerOptions extends LanguageModelOptions, TextLearnerOptions {}

/** What a language model predicts: the next token, and the text gone on with. */
export interface LmPrediction extends NextTokenPrediction {
  /** The text that was given and what comes after it. */
  readonly text: string
}

/** How far a text is gone on with, and what else is given. */
export type LmPredictOptions = PredictOptions & GenerateOptions

/** A learner for a language model (fastai's `LMLearner`). */
export class LanguageModelLearner extends Learner<SequentialRnn, LmPrediction> {
  /** Goes on with a text a word at a time: see {@link generate}. */
  generate(prompt: string, options?: GenerateOptions): AsyncGenerator<string, void, undefined> {
    return generate(this, prompt, options)
  }

  /** The next token after a text, and the text gone on with by `words` tokens (fastai's `predict`). */
  override async predict<const O extends LmPredictOptions = LmPredictOptions>(
    item: unknown,
    given: LmPredictOptions & O = {} as O,
  ): Promise<Predicted<LmPrediction, O>> {
    checkOptions('predict', given, [...generateOptionNames, 'withInput'])
    const { withInput, ...options }: LmPredictOptions = given
    const next = (await super.predict(item, { withInput: true })) as {
      input: unknown
      prediction: LmPrediction
    }
    const prediction = {
      ...next.prediction,
      text: await generated(this, String(item), options),
    }
    return (withInput ? { ...next, prediction } : prediction) as Predicted<LmPrediction, O>
  }

  /** Writes the encoder and its vocabulary: what a classifier begins with. */
  saveEncoder(file: string): Promise<string> {
    return this.usage.hold('a save', () => saveEncoder(this, file), { reads: true })
  }

  /** Takes an encoder from a file, its words matched to those of this learner, and freezes it. */
  loadEncoder(source: TextWeightsSource, options?: LoadEncoderOptions): Promise<EncoderReport> {
    return loadEncoder(this, source, options)
  }

  /** Takes encoder and decoder of another language model, words matched, and freezes all but words and decoder. */
  loadPretrained(source: TextWeightsSource, options?: LoadEncoderOptions): Promise<EncoderReport> {
    return loadLanguageModel(this, source, options)
  }
}

/**
 * A learner that predicts the next token (fastai's `language_model_learner`): momentum 0.8, 0.7, 0.8, and outputs held
 * back by `rnnRegularizer`. With `pretrained` weights all but words and decoder are frozen at first.
 *
 * @example
 * using learn = await languageModelLearner(dls, awdLstm, { dropMult: 0.3, metrics: [accuracy, perplexity()] })
 * await learn.fitOneCycle(1, 2e-2)
 */
export async function languageModelLearner(
  dls: LmDataLoaders,
  arch: TextArch,
  options: LanguageModelLearnerOptions = {},
): Promise<LanguageModelLearner> {
  checkStreams(dls)
  checkOptions('languageModelLearner', options, optionNames)
  const { config = {}, dropMult = 1, pretrained, alpha, beta, cbs = [], ...rest } = options
  await useEngine()
  const vocabSz = textVocab(dls).length
  const shape = { config, dropMult }
  const seed = rest.seed ?? dls.train.options.seed
  const model = withSeed(seed, () => getLanguageModel(arch, vocabSz, shape))
  return orDispose(model, async () => {
    const learn = new LanguageModelLearner(dls as unknown as LanguageModelLearner['dls'], model, {
      moms: [0.8, 0.7, 0.8],
      portable: portableTextModel(arch, { kind: 'language', arch: arch.name, vocabSz, options: shape }),
      splitter: arch.splitLm,
      ...rest,
      cbs: [...textCallbacks({ alpha, beta }), ...cbs],
    })
    if (pretrained) await learn.loadPretrained(pretrained)
    return learn
  })
}

const optionNames = ['config', 'dropMult', 'pretrained', 'alpha', 'beta', ...learnerOptionNames]
