import { type CategoryPrediction, SkipItem } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import {
  features,
  fingerprint,
  Mlp,
  type ToyLearner,
  type ToyLoaders,
  toyLearner,
  toyLoaders,
} from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import { Learner } from '../learner/learner.js'
import { crossEntropyFlat } from '../losses/cross-entropy.js'
import type { Loss } from '../losses/loss.js'
import { withSeed } from '../nn/init.js'
import { buffer, param } from '../nn/module.js'
import '../node/install.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

/** Ends a fit as a kill would, as far as a test can. */
const killAt = (step: number): Callback => ({
  name: 'kill',
  order: 99,
  afterBatch({ learn, training }) {
    if (training && learn.run.step === step) throw new Error('killed')
  },
})

it('a run whose items cannot all be read keeps the schedule that it began with', async () => {
  const first = (await toyLoaders({ train: 33 })).train.order(0)[0]
  const encode = (item: string) => {
    if (item === `row ${first}`) throw new SkipItem('torn')
    return features(item)
  }
  const learner = async () => toyLearner(await toyLoaders({ train: 33, encode, dropLast: false }))
  const fit = (learn: ToyLearner, step: number) =>
    learn.fitOneCycle(2, 0.05, {
      cbs: [killAt(step)],
      checkpoint: { dir: dir(), everySteps: 1 },
      resume: true,
    })
  using whole = await learner()
  await whole.fitOneCycle(2, 0.05, { cbs: [killAt(0)] })
  using cut = await learner()
  await expect(fit(cut, 4)).rejects.toThrow('killed')
  expect(cut.dls.train.skipped.size).toBe(1)
  using again = await learner()
  await fit(again, 0)
  expect(again.recorder.lrs).toEqual(whole.recorder.lrs)
  expect(fingerprint(again)).toBe(fingerprint(whole))
})

it('what could not be read is not left out where the data was allowed to change', async () => {
  const first = (await toyLoaders({ train: 33 })).train.order(0)[0]!
  expect(first).toBeGreaterThan(8)
  const encode = (item: string) => {
    if (item === `row ${first}`) throw new SkipItem('torn')
    return features(item)
  }
  const fit = (learn: ToyLearner, step: number, allow: readonly string[]) =>
    learn.fit(2, 0.05, {
      cbs: [killAt(step)],
      checkpoint: { dir: dir(), everySteps: 1 },
      resume: { allow },
    })
  using cut = toyLearner(await toyLoaders({ train: 33, encode, dropLast: false }))
  await expect(fit(cut, 4, [])).rejects.toThrow('killed')
  using other = toyLearner(await toyLoaders({ train: first, encode: features, dropLast: false }))
  await fit(other, 0, ['train', 'valid'])
  expect(other.dls.train.skipped.size).toBe(0)
})

/** Weights of every kind that there may be, before and behind the usual ones. */
class Odd extends Mlp {
  readonly kept = buffer(tf.tensor1d([true, false, true], 'bool'))
  readonly mask = buffer(tf.tensor2d([[0, Number.NEGATIVE_INFINITY]]))
  readonly places = buffer(tf.tensor1d([3, -7, 2 ** 31 - 1], 'int32'))
  readonly none = buffer(tf.zeros([0, 4]))
  readonly fromInts = buffer(tf.tidy(() => tf.cast(tf.tensor1d([5, 6], 'int32'), 'float32')))
  readonly twin = this.out
}

it('weights of every kind come back as they were', async () => {
  const make = (dls: ToyLoaders) =>
    new Learner<Mlp, CategoryPrediction>(
      dls,
      withSeed(7, () => new Odd()),
      { verbose: false },
    )
  const fit = (learn: ToyLearner, step: number) =>
    learn.fit(2, 0.01, { cbs: [killAt(step)], checkpoint: { dir: dir(), everySteps: 1 }, resume: true })
  const values = (learn: ToyLearner) =>
    [...learn.model.weights()].map(({ path, variable: v }) => [path, v.dtype, v.shape, [...v.dataSync()]])
  using whole = make(await toyLoaders())
  await whole.fit(2, 0.01)
  using cut = make(await toyLoaders())
  await expect(fit(cut, 5)).rejects.toThrow('killed')
  using again = make(await toyLoaders())
  tf.tidy(() => {
    for (const { variable: v } of again.model.weights()) v.assign(tf.zerosLike(v as tf.Tensor))
  })
  await fit(again, 0)
  expect(values(again)).toEqual(values(whole))
})

it('a parameter that is trained beside the model comes back too', async () => {
  const learner = async (scale: tf.Variable) => {
    const weighed: Loss = (pred, ...y) =>
      tf.add(tf.mul(crossEntropyFlat(pred, ...y), tf.exp(tf.neg(scale))), scale)
    return toyLearner(await toyLoaders(), {
      lossFunc: weighed,
      splitter: (m) => [m.parameters(), [scale]],
    })
  }
  const fit = (learn: ToyLearner, step: number) =>
    learn.fit(2, 0.1, { cbs: [killAt(step)], checkpoint: { dir: dir(), everySteps: 1 }, resume: true })
  const scales = [0, 0, 0].map((x) => param(tf.scalar(x)))
  const [inWhole, inCut, inAgain] = scales as [tf.Variable, tf.Variable, tf.Variable]
  using whole = await learner(inWhole)
  await whole.fit(2, 0.1)
  using cut = await learner(inCut)
  await expect(fit(cut, 5)).rejects.toThrow('killed')
  using again = await learner(inAgain)
  await again.lrFind({ numIt: 20 })
  expect(inAgain.dataSync()[0]).toBe(0)
  await fit(again, 0)
  expect(inWhole.dataSync()[0]).not.toBe(0)
  expect(inAgain.dataSync()[0]).toBe(inWhole.dataSync()[0])
  expect(fingerprint(again)).toBe(fingerprint(whole))
  for (const scale of scales) scale.dispose()
})
