import { Learner, learnerOptionNames, useEngine, withSeed } from '@espalier/core'
import { checkOptions, type DataLoaders, EspalierError, type NdArray } from '@espalier/data'
import { textVocab } from '../blocks/text-loaders.js'
import { getTextClassifier, type TextClassifierOptions } from '../models/get-text-classifier.js'
import type { TextArch } from '../models/text-arch.js'
import type { SequentialRnn } from '../nn/sequential-rnn.js'
import { checkTexts } from './check-text-loaders.js'
import { type EncoderReport, type LoadEncoderOptions, loadEncoder } from './load-encoder.js'
import { orDispose } from './or-dispose.js'
import { portableTextModel } from './portable-text-model.js'
import { saveEncoder } from './save-encoder.js'
import { textCallbacks } from './text-callbacks.js'
import type { TextLearnerOptions } from './text-learner-options.js'
import type { TextWeightsSource } from './text-weights.js'

/** The options of a classifier of texts and of its learner together. */
export interface TextClassifierLearnerOptions extends TextClassifierOptions, TextLearnerOptions {
  /** Default: as many as the target of the data needs. */
  readonly nOut?: number
}

/** A learner for a classifier of texts (fastai's `TextLearner`). */
export class TextClassifierLearner<P = unknown> extends Learner<SequentialRnn, P> {
  /** Writes the encoder and its vocabulary. */
  saveEncoder(file: string): Promise<string> {
    return this.usage.hold('a save', () => saveEncoder(this, file), { reads: true })
  }

  /** Takes the encoder of a language model, its words matched to those of this learner, and freezes it. */
  loadEncoder(source: TextWeightsSource, options?: LoadEncoderOptions): Promise<EncoderReport> {
    return loadEncoder(this, source, options)
  }
}

/**
 * A learner that classifies texts, or tells a number of each (fastai's `text_classifier_learner`). Give it the encoder of
 * a language model for such texts with `loadEncoder` or `pretrained`, then train from the head down, group by group.
 *
 * @example
 * using learn = await textClassifierLearner(dls, awdLstm, { metrics: [accuracy] })
 * await learn.loadEncoder('finetuned')
 * await learn.fitOneCycle(1, 2e-2)
 * learn.freezeTo(-2)
 * await learn.fitOneCycle(1, lrSlice(1e-2 / 2.6 ** 4, 1e-2))
 */
export async function textClassifierLearner<P>(
  dls: DataLoaders<readonly NdArray[], P, unknown>,
  arch: TextArch,
  options: TextClassifierLearnerOptions = {},
): Promise<TextClassifierLearner<P>> {
  checkTexts(dls)
  checkOptions('textClassifierLearner', options, optionNames)
  const { nOut = dls.c, pretrained, alpha, beta, cbs = [], ...rest } = options
  const { config = {}, dropMult = 0.5, seqLen = 72, maxLen, linFtrs, ps, yRange, ...learner } = rest
  if (!nOut) {
    throw new EspalierError('text/outputs', 'these loaders do not say how many outputs a model must have', {
      fix: 'say nOut: 2',
    })
  }
  await useEngine()
  const vocabSz = textVocab(dls as never).length
  const shape = {
    config,
    dropMult,
    seqLen,
    ...(maxLen !== undefined && { maxLen }),
    ...(linFtrs && { linFtrs }),
    ...(ps && { ps }),
    ...(yRange && { yRange }),
  }
  const seed = learner.seed ?? dls.train.options.seed
  const model = withSeed(seed, () => getTextClassifier(arch, vocabSz, nOut, shape))
  return orDispose(model, async () => {
    const described = { kind: 'classifier', arch: arch.name, vocabSz, nOut, options: shape } as const
    const learn = new TextClassifierLearner<P>(dls, model, {
      moms: [0.8, 0.7, 0.8],
      portable: portableTextModel(arch, described),
      splitter: arch.splitClas,
      ...learner,
      cbs: [...textCallbacks({ alpha, beta }), ...cbs],
    })
    if (pretrained) await learn.loadEncoder(pretrained)
    return learn
  })
}

const shaping = ['config', 'dropMult', 'seqLen', 'maxLen', 'linFtrs', 'ps', 'yRange']
const optionNames = [...shaping, 'nOut', 'pretrained', 'alpha', 'beta', ...learnerOptionNames]
