import { beforeAll, expect, it } from 'vitest'
import { type ToyOptions, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { LearnerOptions } from '../learner/learner-options.js'
import { accuracy } from '../metrics/accuracy.js'
import { sgd } from '../optim/alias.js'
import { diffCards } from './diff-cards.js'

beforeAll(async () => {
  await useEngine('cpu')
})

async function cardOfRun(data: ToyOptions = {}, options: LearnerOptions<never> = {}, lr = 1e-2) {
  using learn = toyLearner(await toyLoaders(data), { metrics: [accuracy], ...options })
  await learn.fit(2, lr)
  const card = await learn.card()
  return { ...card, learner: 0 }
}

const fields = async (...run: Parameters<typeof cardOfRun>) =>
  diffCards(await cardOfRun(), await cardOfRun(...run)).map((c) => c.field)

it('two runs that are the same have no difference', async () => {
  expect(diffCards(await cardOfRun(), await cardOfRun())).toEqual([])
})

it('names the field that was changed', async () => {
  const [before, after] = [await cardOfRun(), await cardOfRun({ bs: 4 })]
  const lines = diffCards(before, after).map(String)
  expect(lines.slice(0, 2)).toEqual(['bs: 8 → 4', 'validBs: 8 → 4'])
  expect(lines).toContain('fits[0].steps: 6 → 12')
  const weights = lines.find((line) => line.startsWith('weights'))
  expect(weights).toBe(`weights: ${before.weights.slice(0, 12)}… → ${after.weights.slice(0, 12)}…`)
})

it('tells changes of everything that a run is made of', async () => {
  expect(await fields({ seed: 8 })).toEqual(expect.arrayContaining(['seed', 'dataSeed', 'weights']))
  expect(await fields({ train: 23 })).toEqual(expect.arrayContaining(['data.train']))
  expect(await fields({}, { optFunc: sgd() })).toContain('optimizer.steps')
  expect(await fields({}, { wdBnBias: true })).toContain('optimizer.noDecay')
  expect(await fields({}, { metrics: [] })).toEqual(['metrics', 'fits[0].columns'])
  expect(await fields({}, { cbs: [{ name: 'mine' }] })).toEqual(['fits[0].callbacks.mine'])
  expect(await fields({}, {}, 2e-2)).toEqual(
    expect.arrayContaining(['fits[0].hypers[0].lr', 'fits[0].hypers[1].lr', 'fits[0].lrs[0]']),
  )
})

it('compares curves by the first step that differs, and tables by the first number', async () => {
  const before = await cardOfRun()
  let step = 0
  const nudge = {
    name: 'nudge',
    runValid: false,
    afterLoss(s: { loss: number }) {
      if (++step === 5) Object.assign(s, { loss: 0.5 })
    },
  }
  const after = await cardOfRun({}, { cbs: [nudge] as never })
  const changes = diffCards(before, after).filter((c) => !c.field.includes('callbacks'))
  expect(changes.map((c) => c.field)).toEqual(['fits[0].losses[4]', 'fits[0].train_loss[1]'])
  expect(changes[0]?.to).toBe(0.5)
})

it('tells when a run has more fits or epochs', async () => {
  const card = await cardOfRun()
  const [fit] = card.fits
  const more = { ...card, fits: [fit!, fit!] }
  expect(diffCards(card, more).map(String)).toEqual(['fits: 1 → 2'])
  const program = { path: 'a.js', sha256: card.weights, args: ['1', null] }
  const called = diffCards({ ...card, program }, { ...card, program: { ...program, args: ['2'] } })
  expect(called.map(String)).toEqual(['program.args.length: 2 → 1', "program.args[0]: '1' → '2'"])
  expect(diffCards(card, { ...card, program }).map((c) => c.field)).toEqual(['program'])
})
