import { join } from 'node:path'
import { accuracy } from '@espalier/core'
import { indexSplitter } from '@espalier/data'
import { awdLstm, TextDataLoaders, textClassifierLearner } from '@espalier/text'
import { summarizeSteps } from '../statistics.js'
import { textSizes } from './lm-step.js'
import { reviewsIn } from './reviews.js'
import { StepTimer } from './step-timer.js'
import type { Found } from './work.js'

const bs = 16

/** An epoch of the small classifier on 500 reviews, and its validation on 100. */
export async function clasEpoch({ imdb }: { readonly imdb: string }): Promise<Found> {
  const rows = [...(await reviewsIn(join(imdb, 'train'), 500)), ...(await reviewsIn(join(imdb, 'test'), 100))]
  const splitter = indexSplitter(Array.from({ length: 100 }, (_, i) => 500 + i))
  const dls = await TextDataLoaders.fromDf(rows, { bs, splitter, seed: 42 })
  using learn = await textClassifierLearner(dls, awdLstm, {
    config: { ...awdLstm.configClas, ...textSizes.small },
    metrics: [accuracy],
    verbose: false,
  })
  const timer = new StepTimer()
  const began = performance.now()
  await learn.fitOneCycle(1, 2e-3, { cbs: [timer] })
  const trained = timer.steps.reduce((sum, s) => sum + s, 0)
  return {
    ...summarizeSteps(timer.steps, 1, bs),
    items: 'docs',
    items_per_s: (bs * timer.steps.length) / trained,
    first_step_s: timer.first,
    epoch_s: (performance.now() - began) / 1000,
    n_params: learn.model.parameters().reduce((n, p) => n + p.size, 0),
  }
}
