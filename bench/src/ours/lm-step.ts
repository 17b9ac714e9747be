import { indexSplitter } from '@espalier/data'
import { awdLstm, languageModelLearner, TextDataLoaders } from '@espalier/text'
import { summarizeSteps } from '../statistics.js'
import { reviewsIn } from './reviews.js'
import { StepTimer } from './step-timer.js'
import type { Found } from './work.js'

/** Which model of language takes steps. */
export interface LmOptions {
  /** A folder of reviews. */
  readonly reviews: string
  readonly size: TextSize
}

/** fastai's AWD-LSTM, or a small one. */
export type TextSize = 'full' | 'small'

/** The sizes of the encoders. */
export const textSizes = {
  full: { embSz: 400, nHid: 1152, nLayers: 3 },
  small: { embSz: 200, nHid: 400, nLayers: 2 },
} as const

const [bs, seqLen, warmup] = [32, 72, 2]

/** Steps of a language model at a constant rate on 1,800 of 2,000 reviews, loading included. */
export async function lmStep({ reviews, size }: LmOptions): Promise<Found> {
  const rows = await reviewsIn(reviews, 2000)
  const splitter = indexSplitter(Array.from({ length: 200 }, (_, i) => 1800 + i))
  const dls = await TextDataLoaders.fromDf(rows, { isLm: true, bs, seqLen, splitter, all: true, seed: 42 })
  using learn = await languageModelLearner(dls, awdLstm, {
    config: { ...awdLstm.configLm, ...textSizes[size] },
    verbose: false,
  })
  const steps = warmup + (size === 'full' ? 8 : 20)
  const timer = new StepTimer()
  const enough = new Error('enough')
  const stop = {
    name: 'stop',
    order: 100,
    afterBatch() {
      if (timer.steps.length >= steps) throw enough
    },
  }
  await learn.fit(1, 2e-3, { cbs: [timer, stop] }).catch((error) => {
    if (error !== enough && error.cause !== enough) throw error
  })
  return {
    ...summarizeSteps(timer.steps, warmup, bs * seqLen),
    items: 'tokens',
    first_step_s: timer.first,
    n_params: learn.model.parameters().reduce((n, p) => n + p.size, 0),
  }
}
