import { beforeAll, expect, it } from 'vitest'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from './callback.js'
import { cancel } from './cancel.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** A callback that writes down how often it hears a step. */
function counting(more: Partial<Callback> = {}): Callback & { heard: number } {
  const cb = { name: 'counting', heard: 0, afterStep: () => void cb.heard++, ...more }
  return cb
}

it('a callback that does not run hears nothing of a fit, and runs again in the next', async () => {
  const cb = counting({ run: false })
  using learn = toyLearner(await toyLoaders(), { cbs: [cb] })
  await learn.fit(1)
  expect([cb.heard, cb.run]).toEqual([0, true])
  await learn.fit(1)
  expect([cb.heard, cb.run]).toEqual([3, true])
})

it('a callback may silence itself, or one that comes after it, from the very event on', async () => {
  const later = counting({ order: 10 })
  const first: Callback = {
    name: 'first',
    afterStep({ trainIter }) {
      if (trainIter === 1) later.run = false
    },
  }
  const once = counting({
    beforeEpoch() {
      this.run = false
    },
  })
  using learn = toyLearner(await toyLoaders(), { cbs: [first, later, once] })
  await learn.fit(1)
  expect([later.heard, once.heard]).toEqual([1, 0])
})

it.each<[string, Partial<Callback>, boolean]>([
  ['was cancelled', { afterStep: () => cancel('fit') }, true],
  [
    'failed',
    {
      afterStep() {
        throw new Error('oops')
      },
    },
    false,
  ],
])('a callback runs again after a fit that %s', async (_, ending, ends) => {
  const cb = counting({ run: false })
  using learn = toyLearner(await toyLoaders(), { cbs: [cb] })
  const fit = learn.fit(1, 0.1, { cbs: [{ name: 'ending', order: 99, ...ending }] })
  if (ends) await fit
  else await expect(fit).rejects.toThrow('oops')
  expect(cb.run).toBe(true)
})
