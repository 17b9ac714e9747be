import { beforeAll, expect, it } from 'vitest'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { accuracy } from '../metrics/accuracy.js'
import type { Callback } from './callback.js'
import { cancel } from './cancel.js'
import { batchEvents, type EventName } from './events.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const epochEvents: readonly EventName[] = (['Fit', 'Epoch', 'Train', 'Validate'] as const).flatMap((part) => [
  `before${part}` as const,
  `afterCancel${part}` as const,
  `after${part}` as const,
])

/** A callback that hears everything, and cancels a part once it has begun. */
function listener(
  heard: string[],
  cancelled?: 'batch' | 'backward' | 'step' | 'train' | 'validate' | 'epoch' | 'fit',
): Callback {
  const begin = cancelled && `before${cancelled[0]!.toUpperCase()}${cancelled.slice(1)}`
  const on = (event: EventName) => () => {
    heard.push(event)
    if (event === begin) cancel(cancelled!)
  }
  return {
    name: 'listener',
    ...Object.fromEntries([...epochEvents, ...batchEvents].map((event) => [event, on(event)])),
  }
}

const eventsIn = (shown: string) => [...shown.matchAll(/- (\w+)/g)].map(([, event]) => event)

it('prints every event once for each place it fires at, in the order they fire', async () => {
  using learn = toyLearner(await toyLoaders({ train: 8 }))
  const shown = eventsIn(learn.showTrainingLoop())
  expect(new Set(shown)).toEqual(new Set([...epochEvents, ...batchEvents]))
  const heard: string[] = []
  await learn.fit(1, 1e-2, { cbs: [listener(heard)] })
  expect(shown.filter((event) => !event!.startsWith('afterCancel'))).toEqual(heard)
})

it.each(['batch', 'backward', 'step', 'train', 'validate', 'epoch', 'fit'] as const)(
  'has the place of the event that follows when a %s is cancelled',
  async (part) => {
    using learn = toyLearner(await toyLoaders({ train: 8 }))
    const heard: string[] = []
    await learn.fit(1, 1e-2, { cbs: [listener(heard, part)] })
    const shown = eventsIn(learn.showTrainingLoop())
    expect(heard.some((event) => event.startsWith('afterCancel'))).toBe(true)
    // What was heard is what is shown, with gaps.
    let at = -1
    for (const event of heard) {
      at = shown.indexOf(event, at + 1)
      expect(at, event).toBeGreaterThanOrEqual(0)
    }
  },
)

it('shows who hears an event, in order, and who sits out', async () => {
  const silent: Callback = { name: 'silent', runTrain: false, afterPred() {}, order: 99 }
  using learn = toyLearner(await toyLoaders(), { metrics: [accuracy], cbs: [silent] })
  // What the recorder hears is its own affair.
  const shown = learn.showTrainingLoop().replaceAll(/(: |, )recorder\b/g, '')
  expect(shown).toMatchInlineSnapshot(`
    "Fit
      - beforeFit: trainEval
      for each epoch
        - beforeEpoch
        Train
          - beforeTrain: trainEval
          for each batch of dls.train
            - beforeBatch
            pred = model(x)
            - afterPred
            loss = lossFunc(pred, y)
            - afterLoss: nanGuard
            Backward
              - beforeBackward
              gradients of lossGrad
              - afterCancelBackward?
              - afterBackward
            Step
              - beforeStep
              opt.step(grads)
              - afterCancelStep?
              - afterStep
            - afterCancelBatch?
            - afterBatch: trainEval
          - afterCancelTrain?
          - afterTrain
        Validate
          - beforeValidate: trainEval
          for each batch of dls.valid
            - beforeBatch
            pred = model(x)
            - afterPred: silent
            loss = lossFunc(pred, y)
            - afterLoss
            - afterCancelBatch?
            - afterBatch
          - afterCancelValidate?
          - afterValidate
        - afterCancelEpoch?
        - afterEpoch
      - afterCancelFit?
      - afterFit"
  `)
})
