import { beforeAll, expect, it } from 'vitest'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { accuracy } from './accuracy.js'
import { diceMulti } from './dice-multi.js'
import { f1Score } from './f-beta.js'
import { perplexity } from './perplexity.js'
import { rocAuc } from './roc-auc.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** Loss and metrics of a learner that was trained a little, on batches of a size that leaves a short last one. */
async function measured(bs: number): Promise<Readonly<Record<string, number | undefined>>> {
  const dls = await toyLoaders({ train: 24, valid: 29, bs: 8, valBs: bs })
  const metrics = [
    accuracy,
    f1Score({ average: 'macro' }),
    rocAuc(),
    perplexity(),
    diceMulti({ name: 'overlap' }),
  ]
  using learn = toyLearner(dls, { metrics })
  await learn.fit(1, 1e-2)
  const { values, columns } = learn.recorder
  const row = Object.fromEntries(columns.map((name, i) => [name, values[0]![i]]))
  const again = await learn.validate()
  // What a fit measured does not stay in the metrics.
  for (const [name, value] of Object.entries(again)) expect(value).toBe(row[name])
  return again
}

it('metrics of a learner do not depend on how its validation set is cut', async () => {
  const whole = await measured(29)
  expect(Object.keys(whole)).toEqual([
    'valid_loss',
    'accuracy',
    'f1_score',
    'roc_auc_score',
    'perplexity',
    'overlap',
  ])
  for (const bs of [4, 7]) {
    const cut = await measured(bs)
    for (const [name, value] of Object.entries(whole)) expect(cut[name], name).toBeCloseTo(value!, 5)
  }
  expect(whole['perplexity']).toBeCloseTo(Math.exp(whole['valid_loss']!), 5)
})
