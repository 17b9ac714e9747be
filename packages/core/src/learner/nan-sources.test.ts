import { beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { features, type ToyLearner, toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { tensorTransform } from '../batch/tensor-transform.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { crossEntropyFlat } from '../losses/cross-entropy.js'
import { sgd } from '../optim/alias.js'
import type { LearnerOptions } from './learner-options.js'
import '../node/install.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

type Options = Omit<LearnerOptions<ToyLearner['model']>, 'splitter'>

/** A learner of rows of which one is spoilt. */
async function spoilt(value: number, options: Options = {}): Promise<ToyLearner> {
  const encode = (item: string) => (item === 'row 20' ? [value, 0, 0, 0] : features(item))
  return toyLearner(await toyLoaders({ encode }), options)
}
const clean = async (options: Options = {}) => toyLearner(await toyLoaders(), options)

/** A loss that is no number from the third step on. */
const from = (step: number, odd: (loss: tf.Tensor) => tf.Tensor) => {
  let calls = 0
  return (pred: tf.Tensor, ...targets: tf.Tensor[]) => {
    const loss = crossEntropyFlat(pred, ...targets)
    return ++calls > step ? odd(loss) : loss
  }
}
const scale = (by: number) =>
  tensorTransform({ name: 'scale', encode: ([x, ...rest]) => [tf.div(x!, by), ...rest] })

/** What makes a loss no number, and what is said of it. */
const sources: readonly (readonly [
  what: string,
  learner: () => Promise<ToyLearner>,
  lr: number,
  said: RegExp,
])[] = [
  ['a rate of 1e30', () => clean({ optFunc: sgd() }), 1e30, /a learning rate of 1\.0e\+30 may be too high/],
  ['a rate of 1e38 with Adam', () => clean(), 1e38, /learning rate of 1\.0e\+38/],
  ['NaN in an item', () => spoilt(Number.NaN), 0.01, /element 0 of row 20 is not finite: look at this item/],
  ['infinity in an item', () => spoilt(Number.POSITIVE_INFINITY), 0.01, /element 0 of row 20 is not finite/],
  ['minus infinity in an item', () => spoilt(Number.NEGATIVE_INFINITY), 0.01, /element 0 of row 20/],
  [
    'a division by a spread of 0',
    async () => {
      const dls = await toyLoaders()
      return toyLearner(dls.with({ batchTfms: [scale(0)] }))
    },
    0.01,
    /a batch transform made element 0 not finite/,
  ],
  [
    'a logarithm of 0',
    () => clean({ lossFunc: from(2, (l) => tf.log(tf.mul(l, 0))) }),
    0.01,
    /loss of them is not/,
  ],
  [
    'a mean of nothing',
    () => clean({ lossFunc: from(2, (l) => tf.div(tf.mul(l, 0), 0)) }),
    0.01,
    /loss of them is not/,
  ],
  [
    'an exponential beyond float32',
    () => clean({ lossFunc: from(2, (l) => tf.exp(tf.add(l, 1e3))) }),
    0.01,
    /Infinity|loss of them/,
  ],
  [
    'a root with an infinite slope',
    () => clean({ lossFunc: from(2, (l) => tf.sqrt(tf.mul(tf.sub(l, l), 1))) }),
    0.01,
    /the weight \S+ is not finite/,
  ],
  [
    'a loss that is NaN by itself',
    () => clean({ lossFunc: from(1, (l) => tf.mul(l, Number.NaN)) }),
    0.01,
    /the predictions are finite, the loss of them is not/,
  ],
  [
    'a weight that was loaded so',
    async () => {
      const learn = await clean()
      const { bias } = learn.model.out
      tf.tidy(() => bias?.assign(tf.fill([3], Number.NaN)))
      return learn
    },
    0.01,
    /the weight out\.bias is not finite/,
  ],
]

it.each(sources)('%s stops the fit at once, and is named', async (_, make, lr, said) => {
  using learn = await make()
  const message = await learn.fit(3, lr).then(
    () => 'nothing',
    (error: Error) => error.message,
  )
  expect(message).toMatch(
    /^the loss is (NaN|-?Infinity) at step \d+ \(epoch \d, batch \d\); the batch holds row/,
  )
  expect(message).toMatch(said)
})

it('no state with weights that are no numbers is kept: the last good one is the latest', async () => {
  const lossFunc = from(4, (l) => tf.sqrt(tf.sub(l, l)))
  const slow = { name: 'slow', beforeEpoch: () => new Promise<void>((resolve) => setTimeout(resolve, 40)) }
  {
    using learn = await clean({ lossFunc, cbs: [slow] })
    await expect(learn.fit(4, 0.01, { checkpoint: { dir: dir(), everySteps: 1 } })).rejects.toThrow(
      'is not finite',
    )
  }
  using again = await clean({ lossFunc: from(1e9, (l) => l), cbs: [slow] })
  await again.fit(4, 0.01, { checkpoint: { dir: dir() }, resume: true })
  expect(weightsOf(again).every(Number.isFinite)).toBe(true)
  expect(again.run.step).toBe(12)
})
