import { beforeAll, describe, expect, it } from 'vitest'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { mixUp } from '../callback/mix-up.js'
import { useEngine } from '../engine/engine.js'
import { accuracy } from '../metrics/accuracy.js'
import { advise } from './advise.js'
import type { RunFacts } from './next-steps.js'
import { factsOf } from './run-facts.js'
import type { Curves } from './verdict.js'

/** Curves with a loss of training and one of validation per epoch, and a metric. */
function curves(
  train: readonly number[],
  valid?: readonly (number | undefined)[],
  metric?: readonly number[],
  name = 'accuracy',
): Curves {
  const columns = ['train_loss', 'valid_loss', ...(metric ? [name] : [])]
  const values = train.map((t, i) => [t, valid?.[i], ...(metric ? [metric[i]] : [])])
  // Ten steps per epoch, on the way from one epoch's loss to the next.
  const rawLosses = train.flatMap((t, i) => {
    const from = train[i - 1] ?? 1.2 * t
    return Array.from({ length: 10 }, (_, k) => from + ((t - from) * (k + 1)) / 10)
  })
  return { columns, values, rawLosses }
}
const nextOf = (c: Curves, facts?: RunFacts) => {
  const { state, next } = advise(c, facts)
  return [state, next.name]
}

const falling = [2, 1, 0.5, 0.25, 0.12, 0.06]
const bowl = [1.5, 1, 0.8, 0.9, 1.1, 1.4]

describe('the state of a run', () => {
  it.each<[string, string, Curves]>([
    ['nothing was trained', 'not begun', curves([])],
    ['no validation', 'not validated', curves(falling)],
    ['two epochs', 'too few epochs', curves([2, 1], [2, 1.5])],
    ['validation loss falls, then rises', 'over-fitting', curves(falling, bowl)],
    ['so does the accuracy', 'over-fitting', curves(falling, bowl, [0.3, 0.5, 0.7, 0.68, 0.6, 0.55])],
    [
      'the loss rises, the accuracy does not fall',
      'over-confident',
      curves(falling, bowl, [0.3, 0.5, 0.7, 0.71, 0.71, 0.72]),
    ],
    [
      'the error rate rises',
      'over-fitting',
      curves(falling, falling, [0.5, 0.2, 0.1, 0.2, 0.25, 0.3], 'error_rate'),
    ],
    [
      'training loss far below validation loss, which is flat',
      'just right',
      curves(falling, [1.5, 1, 0.81, 0.8, 0.8, 0.8]),
    ],
    ['both still fall', 'under-fitting', curves(falling, [2.1, 1.4, 1.1, 0.9, 0.8, 0.7])],
    [
      'neither falls',
      'under-fitting',
      curves([2, 1.9, 1.85, 1.84, 1.84, 1.84], [2, 1.95, 1.9, 1.9, 1.9, 1.9]),
    ],
    ['one bad last epoch is chance', 'just right', curves(falling, [1.5, 1, 0.8, 0.8, 0.8, 0.9])],
    ['the loss is no number', 'diverged', curves([2, Number.NaN, Number.NaN], [2, Number.NaN, Number.NaN])],
    ['the loss grows', 'diverged', curves([2, 2, 5, 11], [2, 2, 5, 12])],
    ['validation loss infinite', 'diverged', curves([2, 1, 0.5], [2, Number.POSITIVE_INFINITY, 1])],
    ['a trained model goes on', 'just right', curves([0.1, 0.09, 0.09], [0.1, 0.1, 0.1], [0.97, 0.97, 0.97])],
  ])('%s: %s', (_, state, given) => {
    expect(advise(given).state).toBe(state)
  })

  it('stopped at a loss that is no number: diverged, though it was never written down', () => {
    const { columns, rawLosses = [] } = curves([2], [2])
    const about = {
      phase: 'fit',
      epochs: 1,
      frozen: 0,
      hypers: [],
      callbacks: [],
      began: 0,
      end: 'failed: train/nan',
    }
    expect(advise({ columns, values: [], rawLosses, about }).state).toBe('diverged')
  })

  it('gives the numbers behind it', () => {
    const { evidence, why } = advise(curves(falling, bowl, [0.3, 0.5, 0.7, 0.68, 0.6, 0.55]))
    expect(evidence).toEqual({
      epochs: 6,
      train: { first: expect.closeTo(2.32), last: 0.06 },
      validLoss: {
        name: 'valid_loss',
        first: 1.5,
        best: 0.8,
        bestEpoch: 2,
        last: 1.4,
        worsened: true,
        improving: false,
      },
      metric: {
        name: 'accuracy',
        first: 0.3,
        best: 0.7,
        bestEpoch: 2,
        last: 0.55,
        worsened: true,
        improving: false,
      },
    })
    expect(why).toBe('accuracy was best in epoch 2 (0.7) and got worse since (0.55)')
  })

  it('a share of few items must fall further than one of many', () => {
    const given = curves(falling, [1.5, 1, 0.8, 0.8, 0.8, 0.8], [0.5, 0.7, 0.9, 0.88, 0.87, 0.87])
    expect(advise(given, { validItems: 20 }).state).toBe('just right')
    expect(advise(given, { validItems: 2000 }).state).toBe('over-fitting')
  })

  it('watches another column on demand', () => {
    const given = curves(falling, bowl, [0.3, 0.5, 0.7, 0.71, 0.71, 0.72])
    expect(advise(given, { monitor: 'valid_loss' }).state).toBe('over-fitting')
    expect(() => advise(given, { monitor: 'f1' })).toThrow("there is no column 'f1'")
  })
})

describe('what is advised', () => {
  const over = curves(falling, bowl)

  it('climbs down the ladder of the book and leaves out what is done', () => {
    const facts: RunFacts[] = [
      { pictures: true },
      { moreData: false },
      { augmentation: true },
      { mixUp: true },
      { norm: true },
      { dropout: 0.5 },
      { weightDecay: 0.1 },
    ]
    const known = facts.map((_, i) => Object.assign({ norm: false }, ...facts.slice(0, i + 1)) as RunFacts)
    expect(known.map((f) => nextOf(over, f)[1])).toEqual([
      'more data',
      'augmentation',
      'MixUp',
      'generalisable architecture',
      'dropout',
      'weight decay',
      'smaller architecture',
    ])
    expect(advise(over, known[3]).steps.map((s) => s.done)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ])
  })

  it('does not offer augmented pictures where there are none', () => {
    expect(nextOf(over, { moreData: false })).toEqual(['over-fitting', 'MixUp'])
  })

  it('first lets a model learn: longer, more of it, faster, more model', () => {
    const stuck = curves([2, 1.9, 1.85, 1.84], [2, 1.95, 1.95, 1.95])
    expect(nextOf(curves(falling, [2.1, 1.4, 1.1, 0.9, 0.8, 0.7]))).toEqual(['under-fitting', 'more epochs'])
    expect(nextOf(stuck, { frozen: 2 })).toEqual(['under-fitting', 'unfreeze'])
    expect(nextOf(stuck)).toEqual(['under-fitting', 'learning rate'])
    expect(advise(stuck, { dropout: 0.7 }).steps.at(-1)).toMatchObject({
      name: 'less regularisation',
      done: false,
    })
    expect(advise(stuck, { dropout: 0.5 }).steps.at(-1)!.done).toBe(true)
  })

  it('names a tenth of a rate that was too high, and clipping once', () => {
    const grown = curves([2, 2, 5, 11], [2, 2, 5, 12])
    const { next, steps } = advise(grown, { lr: 0.3, gradientClip: true })
    expect(next.code).toContain('Math.min(valley, 0.03)')
    expect(steps[1]!.done).toBe(true)
    expect(advise(grown).next.code).toContain('fitOneCycle(5, valley)')
  })

  it('smooths labels against too much confidence, once', () => {
    const sure = curves(falling, bowl, [0.3, 0.5, 0.7, 0.71, 0.71, 0.72])
    expect(nextOf(sure)).toEqual(['over-confident', 'label smoothing'])
    expect(nextOf(sure, { labelSmoothing: true, moreData: false })).toEqual(['over-confident', 'MixUp'])
  })

  it('is a text to be printed', () => {
    expect(advise(over).text).toMatch(
      /^over-fitting: valid_loss was best in epoch 2 .*\n→ more data: .*\n {4}dataBlock/,
    )
  })
})

describe('learn.advise', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it('reads the curves and finds what is on', async () => {
    using learn = toyLearner(await toyLoaders({ train: 64, valid: 30 }), { metrics: [accuracy] })
    expect(learn.advise().state).toBe('not begun')
    await learn.fit(2, 1e-2)
    expect(learn.advise().state).toBe('too few epochs')
    await learn.fit(4, 1e-2, { cbs: [mixUp()], wd: 0.2 })
    const { evidence, state } = learn.advise()
    expect(evidence.epochs).toBe(6)
    expect(evidence.metric!.last).toBe(learn.recorder.values.at(-1)![2])
    expect(['under-fitting', 'just right', 'over-confident', 'over-fitting']).toContain(state)
    const { steps } = advise(over(learn.recorder.columns), { ...factsOf(learn), moreData: false })
    expect(steps.filter((s) => s.done).map((s) => s.name)).toEqual([
      'more data',
      'MixUp',
      'generalisable architecture',
      'dropout',
      'weight decay',
    ])
  })

  it('a run that was stopped at a loss without a number has diverged', async () => {
    using learn = toyLearner(await toyLoaders({ train: 24, valid: 8 }))
    await expect(learn.fit(3, Number.MAX_VALUE)).rejects.toThrow()
    const { state, next } = learn.advise()
    expect([state, next.name]).toEqual(['diverged', 'lower learning rate'])
  })
})

/** Curves that over-fit under these titles. */
function over(columns: readonly string[]): Curves {
  const { values } = curves(falling, bowl, [0.3, 0.5, 0.7, 0.68, 0.6, 0.55])
  return { columns, values }
}
