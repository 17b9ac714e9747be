import type { LearnerOptions } from '@espalier/core'
import type { SequentialRnn } from '../nn/sequential-rnn.js'
import type { RnnRegularizerOptions } from './rnn-regularizer.js'
import type { TextWeightsSource } from './text-weights.js'

/** What learners for texts take besides what shapes their model. */
export interface TextLearnerOptions extends LearnerOptions<SequentialRnn>, RnnRegularizerOptions {
  /**
   * What a language model has learned before: a file of `saveEncoder` or of `save`, or weights of fastai with their
   * vocabulary. All but the last group of parameters is frozen then. Default: nothing.
   */
  readonly pretrained?: TextWeightsSource
}
