import { EspalierError } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { Mlp, toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { mseLossFlat } from '../losses/mse.js'
import { accuracy } from '../metrics/accuracy.js'
import { Linear } from '../nn/linear.js'
import { Module } from '../nn/module.js'
import { adam } from '../optim/alias.js'
import { lrSlice } from '../optim/hypers.js'
import type { FineTuneOptions } from './fine-tune.js'
import type { OneCycleOptions } from './fit-one-cycle.js'
import { Learner } from './learner.js'
import type { LearnerOptions } from './learner-options.js'
import type { LrFindOptions } from './lr-find.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** Asserts an error that is meant to be read. */
async function refused(run: () => unknown, message: string | RegExp): Promise<void> {
  const error = await Promise.resolve()
    .then(run)
    .catch((e: unknown) => e)
  expect(error).toBeInstanceOf(EspalierError)
  expect((error as Error).message).toMatch(message)
}

describe('a learner is not made', () => {
  const made = async (options: object) => {
    const dls = await toyLoaders()
    using model = new Mlp()
    return () => new Learner(dls, model, options as LearnerOptions<Mlp>)
  }

  it('without data loaders', async () => {
    using model = new Mlp()
    const dls = await toyLoaders()
    const make = (it: unknown) => () => new Learner(it as typeof dls, model)
    await refused(
      make(undefined),
      'a learner needs data loaders, got undefined\n  → make them with dataBlock',
    )
    await refused(make(toyLoaders()), 'a learner needs data loaders, got Promise\n  → await them')
    await refused(
      make(dls.train),
      'a learner needs data loaders, got DataLoader\n  → give both loaders: dls, not',
    )
    await refused(make(['a.jpg']), 'a learner needs data loaders, got ["a.jpg"]')
  })

  it('without a model', async () => {
    const dls = await toyLoaders()
    const make = (model: unknown) => () => new Learner(dls, model as Mlp)
    await refused(
      make(undefined),
      'the model of a learner must be a module, got undefined\n  → extend Module',
    )
    await refused(
      make(Mlp),
      'the model of a learner must be a module, got function Mlp\n  → make one: new MyModel()',
    )
    await refused(make({ forward: () => 1 }), 'the model of a learner must be a module, got {}')
  })

  it.each<[option: string, value: unknown, message: string]>([
    ['metrics', accuracy, 'metrics must be a list, got function accuracy\n  → say metrics: [accuracy]'],
    ['metrics', 'accuracy', 'metrics must be a list, got string "accuracy"'],
    [
      'metrics',
      [accuracy, 'f1'],
      'metrics[1] is string "f1", which is no metric\n  → say metrics: [accuracy]',
    ],
    ['metrics', [undefined], 'metrics[0] is undefined, which is no metric'],
    ['cbs', { name: 'mine' }, `cbs must be a list, got {"name":"mine"}\n  → say cbs: [{ name: 'mine'`],
    ['cbs', [() => {}], 'cbs[0] is function without a name, which is no callback'],
    ['cbs', [undefined], 'cbs[0] is undefined, which is no callback'],
    [
      'lossFunc',
      'mse',
      'lossFunc must be a function, got string "mse"\n  → say lossFunc: crossEntropyLossFlat()',
    ],
    ['optFunc', 'adam', 'optFunc must be a function, got string "adam"\n  → say optFunc: adam()'],
    ['splitter', 3, 'splitter must be a function, got number 3\n  → say splitter: (model) => [params'],
    [
      'lr',
      -1,
      'lr must be a number ≥ 0, got -1\n  → say 1e-3, a list with a rate for each group, or lrSlice',
    ],
    ['lr', '0.01', 'lr must be a number ≥ 0, got string "0.01"'],
    ['wd', Number.NaN, 'wd must be a number ≥ 0, got NaN\n  → say 0.01'],
    ['moms', 0.9, 'moms must be three numbers from 0 to below 1, got number 0.9\n  → say [0.95, 0.85, 0.95]'],
    ['seed', 0.5, 'the seed must be an integer, got number 0.5\n  → say seed: 42'],
  ])('with %s: %j', async (option, value, message) => {
    await refused(await made({ [option]: value }), message)
  })

  it('with options that are no object', async () => {
    const dls = await toyLoaders()
    using model = new Mlp()
    await refused(
      () => new Learner(dls, model, 'accuracy' as unknown as object),
      'the options of a learner are an object, got string "accuracy"\n  → say { metrics: [accuracy] }',
    )
  })
})

describe('an optimizer is not made', () => {
  it('of what makes none', async () => {
    const fix = '\n  → call it: optFunc: adam()'
    for (const [optFunc, message] of [
      [adam, 'adam takes an object of options, got parameter groups'],
      [() => adam, 'optFunc must make an optimizer, it returned function adam'],
    ] as const) {
      using learn = toyLearner(await toyLoaders(), { optFunc: optFunc as () => never })
      await refused(() => learn.fit(1), message + fix)
    }
  })

  it('of groups that are none', async () => {
    const fix = '\n  → say splitter: (model) => [params(model.body), params(model.head)]'
    for (const [groups, got] of [
      [(m: Mlp) => [m.hidden, m.out], 'Linear'],
      [(m: Mlp) => m.parameters(), 'Variable'],
      [() => 5, 'number 5'],
      [() => [], '[]'],
    ] as const) {
      using learn = toyLearner(await toyLoaders(), { splitter: groups as never })
      await refused(
        () => learn.freeze(),
        `a splitter must return lists of parameters, got ${got} among them${fix}`,
      )
    }
  })
})

describe('a fit does not begin', () => {
  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', undefined, null])(
    'with %s epochs',
    async (n) => {
      using learn = toyLearner(await toyLoaders())
      const got = typeof n === 'string' ? `string "${n}"` : String(n)
      for (const method of ['fit', 'fitOneCycle', 'fineTune'] as const) {
        await refused(
          () => learn[method](n as number),
          `${method}: the number of epochs must be whole, got ${got}\n  → say learn.${method}(4)`,
        )
      }
      expect(learn.run.step).toBe(0)
    },
  )

  it.each<[value: unknown, got: string]>([
    [-1e-3, '-0.001'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    ['0.01', 'string "0.01"'],
    [null, 'null'],
    [[1e-3, -1], '-1'],
    [[], '[]'],
    [{}, '{}'],
    [lrSlice(-1, 1e-3), '-1'],
    [lrSlice(Number.NaN), 'NaN'],
  ])('with the rate %j', async (lr, got) => {
    using learn = toyLearner(await toyLoaders())
    const before = weightsOf(learn)
    const message = `lr must be a number ≥ 0, got ${got}\n  → say 1e-3, a list with a rate for each group, or lrSlice(1e-6, 1e-4)`
    await refused(() => learn.fit(1, lr as number), message)
    await refused(() => learn.fitOneCycle(1, lr as number), message)
    if (typeof lr !== 'object') await refused(() => learn.fineTune(1, lr as number), message)
    expect(weightsOf(learn)).toEqual(before)
  })

  it.each<[options: OneCycleOptions & FineTuneOptions, message: string]>([
    [{ pctStart: 2 }, 'pctStart must be a number from 0 to 1, got 2\n  → leave it out'],
    [{ pctStart: Number.NaN }, 'pctStart must be a number from 0 to 1, got NaN'],
    [{ div: 0 }, 'div must be a number above 0, got 0'],
    [{ divFinal: '9' as unknown as number }, 'divFinal must be a number above 0, got string "9"'],
    [
      { moms: [0.9] as unknown as [number, number, number] },
      'moms must be three numbers from 0 to below 1, got [0.9]',
    ],
    [{ wd: -1 }, 'wd must be a number ≥ 0, got -1\n  → say 0.01'],
    [{ cbs: {} as [] }, 'cbs must be a list, got {}'],
  ])('with %j', async (options, message) => {
    using learn = toyLearner(await toyLoaders())
    await refused(() => learn.fitOneCycle(1, 1e-3, options), message)
    expect(learn.run.step).toBe(0)
  })

  it('with a fine-tuning that makes no sense', async () => {
    using learn = toyLearner(await toyLoaders())
    await refused(
      () => learn.fineTune(1, 1e-3, { freezeEpochs: -1 }),
      'fineTune: the number of epochs must be whole',
    )
    await refused(() => learn.fineTune(1, 1e-3, { lrMult: 0 }), 'lrMult must be a number above 0, got 0')
    expect(learn.opt.frozenIdx).toBe(0)
  })

  it('frozen up to what is no group', async () => {
    using learn = toyLearner(await toyLoaders())
    for (const n of [Number.NaN, 0.5, undefined]) {
      await refused(
        () => learn.freezeTo(n as number),
        `freezeTo takes the number of a group, got ${n}\n  → groups are 0 … 1; -1 is the last one`,
      )
    }
  })
})

describe('lrFind does not begin', () => {
  it.each<[options: unknown, message: string]>([
    [30, 'lrFind takes an object, got number 30\n  → say lrFind({ numIt: 50 })'],
    [{ startLr: Number.NaN }, 'startLr must be above 0 and below endLr, got NaN and 10\n  → leave them out'],
    [{ startLr: -1 }, 'got -1 and 10'],
    [{ endLr: Number.POSITIVE_INFINITY }, 'got 1e-7 and Infinity'],
    [{ numIt: 0 }, 'lrFind: numIt must be a whole number of steps, got 0\n  → say 100'],
    [{ numIt: 'x' }, 'numIt must be a whole number of steps, got string "x"'],
    [
      { suggest: 'valley' },
      'suggest must hold functions by name, got string "valley"\n  → say suggest: { valley',
    ],
    [{ suggest: { valley: 5 } }, 'suggest must hold functions by name, got number 5'],
  ])('with %j', async (options, message) => {
    using learn = toyLearner(await toyLoaders())
    await refused(() => learn.lrFind(options as LrFindOptions<never>), message)
    expect(learn.run.step).toBe(0)
  })
})

describe('a fit stops', () => {
  const fits = async (options: LearnerOptions<Mlp>, message: string | RegExp) => {
    using learn = toyLearner(await toyLoaders(), options)
    const before = weightsOf(learn)
    await refused(() => learn.fit(1), message)
    expect(weightsOf(learn)).toEqual(before)
  }
  const loss = (lossFunc: unknown) => ({ lossFunc }) as LearnerOptions<Mlp>

  it('at a loss that gives no scalar', async () => {
    await fits(
      loss(mseLossFlat),
      'returned function mse, expected a scalar\n  → call it: lossFunc: mseLossFlat()',
    )
    await fits(
      loss(async () => tf.scalar(1)),
      'returned Promise, expected a scalar\n  → make it a plain function',
    )
    await fits(
      loss(() => undefined),
      'the loss function returned undefined, expected a scalar\n  → end it with tf.mean',
    )
    await fits(
      loss(() => 1),
      'the loss function returned number 1, expected a scalar',
    )
  })

  it('at a loss for other targets', async () => {
    await fits(
      loss(mseLossFlat()),
      'mse: predictions [8,3] and targets [8] have 24 and 8 elements\n  → it compares them one by one; for classes use crossEntropyLossFlat()',
    )
  })

  it('at predictions that the loss cannot compare with the targets', async () => {
    class Rows extends Module<[tf.Tensor2D], tf.Tensor2D> {
      readonly out = new Linear(2, 3)
      forward(x: tf.Tensor2D) {
        return this.out.forward(tf.reshape(x, [-1, 2]))
      }
    }
    using learn = new Learner(await toyLoaders(), new Rows(), { verbose: false })
    await refused(
      () => learn.fit(1),
      'crossEntropy: 16 rows of logits but 8 labels: predictions [16,3], targets [8]\n' +
        '  → predictions are [b, …, classes], targets the same without the last axis',
    )
  })

  it('at a loss that no weight has a part in', async () => {
    const constant = () => tf.scalar(1)
    using learn = toyLearner(await toyLoaders(), { lossFunc: constant })
    await refused(
      () => learn.fit(1),
      'the loss does not depend on any weight that trains\n  → compute it from the predictions',
    )
  })
})

describe('a metric that gives no number is named', () => {
  it.each<[metric: unknown, message: string]>([
    [
      function mine() {},
      "the metric 'mine' returned undefined, expected a number or a scalar\n  → end it with tf.mean",
    ],
    [
      (p: tf.Tensor) => tf.softmax(p),
      'a metric without a name returned [8,3], expected a number or a scalar',
    ],
    [
      async function later() {},
      "the metric 'later' returned Promise, expected a number or a scalar\n  → make it a plain",
    ],
    [
      function broken() {
        throw new RangeError('boo')
      },
      "the metric 'broken' failed on predictions [8,3] and targets [8]: boo",
    ],
  ])('%s', async (metric, message) => {
    using learn = toyLearner(await toyLoaders(), { metrics: [metric] as (typeof accuracy)[] })
    await refused(() => learn.fit(1), message)
    await refused(() => learn.validate(), message)
  })
})

it('a metric that was not called is refused before anything is trained', async () => {
  function topK() {
    return accuracy
  }
  const dls = await toyLoaders()
  using learn = toyLearner(dls)
  expect(() => new Learner(dls, learn.model, { metrics: [topK as never] })).toThrow(
    "the metric 'top_k' is a function that makes it\n  → call it: metrics: [topK()]",
  )
})

it('a picture of no results says that there are none', async () => {
  using learn = toyLearner(await toyLoaders())
  const interp = await learn.interpret()
  for (const k of [0, Number.NaN]) {
    await refused(
      () => interp.plotTopLosses(k).toSVG(),
      'there is no sample to show\n  → give a loader that has items, and show at least one',
    )
  }
})

describe('what walks a loader', () => {
  it('wants one', async () => {
    const dls = await toyLoaders()
    using learn = toyLearner(dls)
    for (const [given, got] of [
      [['row 1'], '["row 1"]\n  → make one of items: learn.dls.testDl(items)'],
      [dls, 'DataLoaders\n  → give one of them: dls.valid'],
      ['row 1', 'string "row 1"'],
    ] as const) {
      const dl = given as unknown as typeof dls.valid
      for (const walk of [
        () => learn.validate(dl),
        () => learn.getPreds({ dl }),
        () => learn.interpret(dl),
      ]) {
        await refused(walk, `a data loader is needed, got ${got}`)
      }
    }
  })

  it('wants one with items', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 0 }))
    await refused(
      () => learn.validate(),
      'there is nothing to validate: the loader is empty\n  → hold out a part',
    )
    await refused(() => learn.getPreds(), 'there is nothing to predict: the loader is empty\n  → give items')
    await refused(() => learn.predictBatch([]), 'there is nothing to predict')
    await refused(
      () => learn.predictBatch('row 1' as unknown as string[]),
      'the items to predict must be a list, got string "row 1"\n  → put a single one in a list: [item]',
    )
  })
})
