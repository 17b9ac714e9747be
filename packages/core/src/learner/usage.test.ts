import { beforeAll, describe, expect, it } from 'vitest'
import { fingerprint, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from './callback.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** Writes down when fits begin and end. */
const diary = (log: string[], name: string): Callback => ({
  name,
  beforeFit: () => void log.push(`${name} begins`),
  afterFit: () => void log.push(`${name} ends`),
})

describe('a learner that is used again before it is done', () => {
  it('does one thing after the other: without an await the result is the same', async () => {
    const run = async (wait: boolean) => {
      using learn = toyLearner(await toyLoaders())
      const steps = [
        () => learn.fit(2, 1e-2),
        () => learn.lrFind({ numIt: 20 }),
        () => learn.fitOneCycle(1, 1e-3),
        () => learn.getPreds(),
      ]
      const results: Promise<unknown>[] = []
      for (const step of steps) {
        results.push(step())
        if (wait) await results.at(-1)
      }
      const preds = (await results[3]) as Awaited<ReturnType<typeof learn.getPreds>>
      await Promise.all(results)
      return [fingerprint(learn), [...preds.preds.data]]
    }
    expect(await run(false)).toEqual(await run(true))
  })

  it('runs two fits one after the other, the second also after a failure of the first', async () => {
    using learn = toyLearner(await toyLoaders())
    const log: string[] = []
    const broken: Callback = {
      name: 'broken',
      beforeEpoch: () => {
        throw new Error('oops')
      },
    }
    const [first, second] = await Promise.allSettled([
      learn.fit(1, 1e-3, { cbs: [diary(log, 'a'), broken] }),
      learn.fit(1, 1e-3, { cbs: [diary(log, 'b')] }),
    ])
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled'])
    expect(log).toEqual(['a begins', 'b begins', 'b ends'])
  })

  it('predicts what the fit has made of it', async () => {
    using learn = toyLearner(await toyLoaders())
    const fit = learn.fit(3, 1e-2)
    const early = await learn.predict('row 3')
    await fit
    expect(await learn.predict('row 3')).toEqual(early)
  })

  it('lets callbacks use it, also side by side, at any event of the epoch', async () => {
    using learn = toyLearner(await toyLoaders())
    const seen: number[] = []
    await learn.fit(2, 1e-2, {
      cbs: [
        {
          name: 'curious',
          async afterEpoch() {
            const [valid, preds, more] = await Promise.all([
              learn.validate(),
              learn.getPreds(),
              learn.predict('row 1'),
            ])
            seen.push(valid['valid_loss']!, preds.indices.length, more.index)
          },
          beforeBatch: ({ iter }) => {
            if (iter === 1) learn.unfreeze()
          },
        },
      ],
    })
    expect(seen).toHaveLength(6)
    expect(seen[1]).toBe(8)
    expect(learn.recorder.values).toHaveLength(2)
  })

  it('cannot be frozen meanwhile, but by a callback', async () => {
    using learn = toyLearner(await toyLoaders())
    const fit = learn.fit(1, 1e-3)
    expect(() => learn.freeze()).toThrow('freezeTo: a fit of this learner still runs\n  → await it first')
    await fit
    learn.freeze()
    expect(learn.opt.frozenIdx).toBe(1)
  })
})

describe('a learner that was disposed', () => {
  it('says so, whatever it is asked', async () => {
    const learn = toyLearner(await toyLoaders())
    learn[Symbol.dispose]()
    const message =
      'this learner was disposed: its weights are gone\n' +
      '  → await everything it does before the end of the scope that it is declared in with `using`'
    for (const use of [
      () => learn.fit(1),
      () => learn.fitOneCycle(1),
      () => learn.fineTune(1),
      () => learn.lrFind(),
      () => learn.validate(),
      () => learn.getPreds(),
      () => learn.predict('row 1'),
      () => learn.interpret(),
      () => learn.summary(),
      () => learn.export('nowhere'),
      async () => learn.freeze(),
      async () => learn.opt,
    ]) {
      await expect(use()).rejects.toThrow(message)
    }
    learn[Symbol.dispose]()
  })

  it.each(['fit', 'lrFind'] as const)(
    'in the middle of a %s ends it with that error, and leaves nothing',
    async (method) => {
      const learn = toyLearner(await toyLoaders())
      const stop: Callback = {
        name: 'stop',
        afterTrain: () => learn[Symbol.dispose](),
      }
      const running = learn.with<unknown>({ cbs: [stop] }, () =>
        method === 'fit' ? learn.fit(3, 1e-3) : learn.lrFind({ numIt: 50 }),
      )
      await expect(running).rejects.toThrow(
        `this learner was disposed while ${method === 'fit' ? 'a fit' : 'lrFind'} ran: its weights are gone`,
      )
    },
  )
})
