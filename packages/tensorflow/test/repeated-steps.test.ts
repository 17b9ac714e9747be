import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BatchNorm,
  type Callback,
  crossEntropyLossFlat,
  Dropout,
  dropFactors,
  hookOutputs,
  Learner,
  Linear,
  type Loss,
  Module,
  type OneCycleOptions,
  ReLU,
  Sequential,
  stateDict,
  tf,
  useEngine,
  withSeed,
} from '@espalier/core'
import { hostCompute } from '@espalier/core/kernels'
import { type Block, dataBlock, indexSplitter, type NdArray, ndArray, Random } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { describeNative } from './support/native.js'

const nIn = 48

/** Numbers of an item, and which of three they speak for. */
function numbersOf(item: number): Float32Array {
  const random = new Random(1, 'rows', item)
  return Float32Array.from({ length: nIn }, (_, i) => random.normal() + Number(i % 3 === item % 3))
}

function block(name: string, encode: (item: number) => NdArray): Block<number, NdArray> {
  return { name, typeTfms: () => [{ name, encode }] }
}

/** Five batches and the beginning of a sixth, and one to validate. */
function loaders(bs: number, labelOf: (item: number) => number = (item) => item % 3) {
  const items = bs * 5 + 17
  const all = Array.from({ length: items + bs }, (_, i) => i)
  return dataBlock({
    blocks: [
      block('numbers', (item) => ndArray('float32', [nIn], numbersOf(item))),
      block('label', (item) => ndArray('int32', [], [labelOf(item)])),
    ],
    splitter: indexSplitter(all.slice(items)),
  }).dataLoaders(all, { bs, dropLast: false })
}

/** Hands on what it gets, and counts how often. */
class Counter extends Module<[tf.Tensor], tf.Tensor> {
  static readonly steady: boolean = true
  count = 0

  forward(x: tf.Tensor): tf.Tensor {
    if (this.training) this.count++
    return x
  }
}

/** The same, but somebody else's class. */
class Careful extends Counter {}

/** Calls an operation of TensorFlow's own. */
class Sine extends Counter {
  static override readonly steady = true

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.sin(super.forward(x))
  }
}

/** Goes another way where the numbers tell it to. */
class Deciding extends Counter {
  static override readonly steady = true

  override forward(x: tf.Tensor): tf.Tensor {
    return super.forward(x).dataSync()[0]! > 0 ? tf.mul(x, x) : x
  }
}

/** Adds numbers of JavaScript's, which it keeps. */
class Numbers extends Counter {
  static override readonly steady = true
  static readonly kept: tf.Tensor[] = []

  override forward(x: tf.Tensor): tf.Tensor {
    const numbers = tf.tensor1d(Array.from({ length: nIn }, (_, i) => i + this.count))
    Numbers.kept.push(tf.keep(numbers))
    return tf.add(super.forward(x), numbers)
  }
}

/** Draws a number outside of what kernels do. */
class Drawing extends Counter {
  static override readonly steady = true

  override forward(x: tf.Tensor): tf.Tensor {
    const [factor] = dropFactors([1], 0.5)
    const spec = { shape: x.shape, unset: true }
    return hostCompute([super.forward(x)], [spec], ([from], [to]) => {
      for (let i = 0; i < to!.length; i++) to![i] = from![i]! * (1 + factor!)
    })[0]!
  }
}

/** Multiplies with numbers that are no weight. */
class Scaled extends Counter {
  static override readonly steady = true
  scale = tf.keep(tf.fill([nIn], 0.5))

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.mul(super.forward(x), this.scale)
  }

  become(value: number): void {
    this.scale.dispose()
    this.scale = tf.keep(tf.fill([nIn], value))
  }
}

type Model = Sequential<[tf.Tensor2D], tf.Tensor2D>

interface Setting {
  readonly hidden?: number
  readonly bs?: number
  readonly counter?: () => Counter
  readonly lossFunc?: Loss
  readonly labelOf?: (item: number) => number
  readonly cbs?: (model: Model) => readonly Callback[]
  readonly fit?: OneCycleOptions
}

const listener: Callback = { name: 'listener', afterPred() {} }

/** What became of three epochs: losses, weights and statistics, and how many of the steps ran the model. */
async function fitted(setting: Setting = {}, { computed = false } = {}) {
  const {
    hidden = 72,
    bs = 96,
    counter: make = () => new Counter(),
    labelOf,
    cbs,
    lossFunc = crossEntropyLossFlat(),
    fit,
  } = setting
  const counter = make()
  const layers = (twice = new Linear(hidden, hidden, { bias: false })) => [
    counter,
    new Linear(nIn, hidden, { bias: hidden * bs < 10_000 }), // TensorFlow adds up the gradient of a larger one.
    new ReLU(),
    new BatchNorm(hidden, { ndim: 1 }),
    new Dropout(0.3),
    twice,
    new ReLU(),
    twice,
    new BatchNorm(hidden, { ndim: 1 }),
    new Linear(hidden, 3),
  ]
  const model: Model = withSeed(3, () => new Sequential(layers()))
  const all = [...(cbs?.(model) ?? []), ...(computed ? [listener] : [])]
  using learn = new Learner(await loaders(bs, labelOf), model, { lossFunc, cbs: all, verbose: false })
  const error = await learn.fitOneCycle(3, 1e-2, fit).then(
    () => undefined,
    (e: Error) => e.message,
  )
  const { rawLosses, values } = learn.recorder
  const batches = model.all().flatMap((m) => (m instanceof BatchNorm ? [m.batchesTracked] : []))
  const hash = createHash('sha256')
  for (const [, { data }] of stateDict(model)) hash.update(data as Float32Array)
  const weights = hash.digest('hex')
  return {
    numbers: { error, rawLosses, values, batches, weights },
    ran: counter.count,
    steps: rawLosses.length,
  }
}

/** The same fit once as it is and once computed step by step: it must come to the same numbers. */
async function both(setting: Setting = {}) {
  const computed = await fitted(setting, { computed: true })
  const free = await fitted(setting)
  expect(free.numbers).toEqual(computed.numbers)
  expect(computed.ran).toBe(computed.steps + Number(computed.numbers.error !== undefined))
  return free
}

/** Does something before a step. */
const before = (
  step: number,
  act: (s: Parameters<NonNullable<Callback['beforeBatch']>>[0]) => void,
): Callback => ({
  name: 'act',
  runValid: false,
  beforeBatch: (s) => void (s.trainIter === step && act(s)),
})

describeNative('repeated steps', () => {
  beforeAll(async () => {
    await useEngine('native')
  })

  it('come to what computed ones do, to the last bit', async () => {
    const { ran, steps, numbers } = await both()
    expect(steps).toBe(18)
    expect(ran, 'steps that ran the model: two, and the last, shorter one of each epoch').toBeLessThanOrEqual(
      5,
    )
    expect(numbers.rawLosses.at(-1)).toBeLessThan(0.7 * numbers.rawLosses[0]!)
  })

  it('do so where threads share the work, and rows of channels are folded', async () => {
    const { ran } = await both({ hidden: 200, bs: 512 })
    expect(ran).toBeLessThanOrEqual(5)
  })

  it.each([
    ['a class that does not say that it is steady', { counter: () => new Careful() }],
    ['an operation of TensorFlow', { counter: () => new Sine() }],
    ['a way that depends on numbers', { counter: () => new Deciding() }],
    ['numbers made anew in each step', { counter: () => new Numbers() }],
    ['a draw of its own', { counter: () => new Drawing() }],
    ['a loss of the user', { lossFunc: (p: tf.Tensor, y: tf.Tensor) => crossEntropyLossFlat()(p, y) }],
    ['somebody who hears the loss', { cbs: () => [{ name: 'hears', afterLoss() {} }] }],
    ['somebody who hears gradients', { cbs: () => [{ name: 'hears', afterBackward() {} }] }],
  ] satisfies [string, Setting][])('are none with %s', async (_, setting) => {
    const { ran, steps } = await both(setting)
    expect(ran).toBe(steps)
    tf.dispose(Numbers.kept.splice(0))
  })

  it('are heard by callbacks that only read', async () => {
    const heard: number[] = []
    const sumOf = (t: tf.Tensor) => tf.tidy(() => tf.sum(t).dataSync()[0]!)
    const reader: Callback = {
      name: 'reader',
      readsOnly: true,
      runValid: false,
      afterPred: ({ pred }) => void heard.push(pred.size),
      afterLoss: ({ loss, lossGrad }) => void heard.push(loss, sumOf(lossGrad)),
      afterBackward: ({ grads }) => void heard.push(grads.size, ...[...grads.values()].map(sumOf)),
    }
    const { ran, steps, numbers } = await fitted({ cbs: () => [reader] })
    expect(ran).toBeLessThanOrEqual(9)
    const repeated = heard.splice(0)
    await fitted({ cbs: () => [reader] }, { computed: true })
    expect(repeated).toEqual(heard)
    expect(numbers).toEqual((await fitted()).numbers)
    expect(heard.length).toBeGreaterThan(10 * steps)
  })

  it('end where a module is listened to in the middle of an epoch, which hears each step from there on', async () => {
    let heard = 0
    const listened = (model: Model) =>
      before(3, () => {
        hookOutputs([model.layers[1]!], () => heard++)
      })
    await both({ cbs: (model) => [listened(model)] })
    expect(heard).toBe(2 * (18 - 3 + 3))
  })

  it.each([
    [
      'a weight that was given another value',
      (m: Model) => {
        const { weight } = m.layers[1] as Linear
        weight.assign(tf.mul(weight, 0.5))
      },
    ],
    ['a layer that stops training', (m: Model) => void m.layers[3]!.eval()],
    ['a layer that drops no more', (m: Model) => void m.layers[4]!.eval()],
  ])('notice %s', async (_, act) => {
    const changed = await both({ cbs: (model) => [before(3, () => act(model))] })
    expect(changed.numbers.rawLosses[3]).not.toBe((await fitted()).numbers.rawLosses[3])
  })

  it('are recorded anew where batches of another epoch have another size', async () => {
    const halved: Callback = {
      name: 'halved',
      runValid: false,
      beforeBatch(s) {
        if (s.epoch > 0) return
        const rows = Math.min(48, s.y[0]!.shape[0]!)
        s.x = s.x.map((t) => tf.slice(t, 0, rows))
        s.y = s.y.map((t) => tf.slice(t, 0, rows))
      },
    }
    const { ran, steps } = await both({ cbs: () => [halved] })
    expect(steps).toBe(18)
    expect(ran, 'the shorter last steps, and two for each size').toBeLessThanOrEqual(3 + 2 * 2)
  })

  it('notice a layer that another one took the place of between two epochs', async () => {
    const swap: Callback = {
      name: 'swap',
      beforeTrain({ epoch, learn }) {
        if (epoch === 1) Object.assign((learn.model as Model).layers, { 6: new Dropout(0.5) })
      },
    }
    const swapped = await both({ cbs: () => [swap] })
    const plain = await fitted()
    expect(swapped.numbers.rawLosses.slice(0, 6)).toEqual(plain.numbers.rawLosses.slice(0, 6))
    expect(swapped.numbers.rawLosses[6]).not.toBe(plain.numbers.rawLosses[6])
  })

  it('never touch what is gone', async () => {
    const made: Scaled[] = []
    const counter = () => made[made.push(new Scaled()) - 1]!
    const change = before(3, ({ learn }) => (learn.model.all()[1] as Scaled).become(2))
    const { ran } = await both({ counter, cbs: () => [change] })
    expect(ran).toBeLessThan(12)
    tf.dispose(made.map((m) => m.scale))
  })

  it('leave values alone that somebody shares from some step on', async () => {
    let shared: tf.Tensor | undefined
    let numbers: readonly number[] = []
    const share = (model: Model) =>
      before(4, () => {
        const { runningMean } = model.layers[3] as BatchNorm
        shared = tf.keep(tf.clone(runningMean as tf.Tensor))
        numbers = [...shared.dataSync()]
      })
    await fitted({ cbs: (model) => [share(model)] })
    expect([...shared!.dataSync()]).toEqual(numbers)
    shared!.dispose()
  })

  it('notice a layer that is frozen', async () => {
    const freeze = before(3, ({ learn }) => {
      for (const p of learn.model.all()[2]!.parameters()) learn.opt.resting.add(p)
    })
    const frozen = await both({ cbs: () => [freeze] })
    expect(frozen.numbers.rawLosses.slice(4)).not.toEqual((await fitted()).numbers.rawLosses.slice(4))
  })

  it('take another batch in place of the loaded one, and leave others to be computed', async () => {
    const doubled = before(3, (s) => {
      s.x = s.x.map((t) => tf.mul(t, 2))
    })
    const halved = before(4, (s) => {
      s.x = s.x.map((t) => tf.slice(t, 0, 48))
      s.y = s.y.map((t) => tf.slice(t, 0, 48))
    })
    await both({ cbs: () => [doubled, halved] })
  })

  it('are computed where labels come that do not count', async () => {
    const { ran } = await both({ labelOf: (item) => (item % 100 === 7 ? -100 : item % 3) })
    expect(ran).toBeGreaterThan(0)
  })

  it('tell what is wrong with a batch, and leave the statistics as they were', async () => {
    const { numbers } = await both({ labelOf: (item) => (item === 300 ? 3 : item % 3) })
    expect(numbers.error).toContain('label 3 is not one of the 3 classes')
  })

  it('leave to callbacks what they keep of a step, and shared values as they are', async () => {
    const kept: [tf.Tensor, readonly number[]][] = []
    const keep = (t: tf.Tensor) => kept.push([tf.keep(t), [...t.dataSync()]])
    await both({
      cbs: (model) => [
        {
          name: 'keeper',
          runValid: false,
          afterBatch({ pred, lossGrad, x }) {
            for (const t of [pred!, lossGrad!, ...x]) keep(t)
            keep(tf.clone((model.layers[3] as BatchNorm).runningMean as tf.Tensor))
          },
        },
      ],
    })
    for (const [t, numbers] of kept) expect([...t.dataSync()]).toEqual(numbers)
    tf.dispose(kept.map(([t]) => t))
  })

  it('go on after a kill to the same weights', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'repeated-'))
    try {
      const kept = { checkpoint: { dir, everySteps: 4 } }
      const kill: Callback = {
        name: 'kill',
        runValid: false,
        beforeBatch({ trainIter }) {
          if (trainIter === 10) throw new Error('killed')
        },
      }
      const killed = await fitted({ cbs: () => [kill], fit: kept })
      expect(killed.numbers.error).toContain('killed')
      const resumed = await fitted({ cbs: () => [{ name: 'kill' }], fit: { ...kept, resume: true } })
      const whole = await fitted()
      expect(resumed.numbers).toEqual(whole.numbers)
      expect(killed.ran, 'steps that ran the model').toBeLessThan(10)
      expect(resumed.ran, 'of the ten steps that were left').toBeLessThan(10)
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  it('give back what they held', async () => {
    const { binding } = tf.backend() as unknown as { binding: { getNumOfTensors(): number } }
    await fitted()
    const [tensors, handles] = [tf.memory().numTensors, binding.getNumOfTensors()]
    await fitted()
    await fitted({ counter: () => new Sine() })
    expect(tf.memory().numTensors).toBe(tensors)
    expect(binding.getNumOfTensors()).toBeLessThanOrEqual(handles + 8) // Some zeros and scalars stay.
  })
})
