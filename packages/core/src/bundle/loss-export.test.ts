import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ndArray } from '@espalier/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { features, Mlp, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { bceWithLogitsLossFlat } from '../losses/bce-with-logits.js'
import { crossEntropyLossFlat } from '../losses/cross-entropy.js'
import { focalLossFlat } from '../losses/focal.js'
import type { Loss } from '../losses/loss.js'
import { loadLearner } from './load-learner.js'
import { registerPart } from './parts.js'
import '../node/install.js'

const root = mkdtempSync(join(tmpdir(), 'espalier-loss-'))
afterAll(() => rmSync(root, { recursive: true }))

beforeAll(async () => {
  await useEngine('cpu')
  registerPart('model', 'toyMlp', () => new Mlp())
  registerPart('transform', 'features', () => ({
    name: 'features',
    encode: (item) => ndArray('float32', [4], features(item as string)),
  }))
})

interface Prediction {
  readonly probabilities: Float32Array
}

/** What a learner with a loss predicts, before and after it was exported, and what is written down of the loss. */
async function roundTrip(lossFunc?: Loss): Promise<{ before: number[]; after: number[]; written: unknown }> {
  const dls = await toyLoaders()
  const step = dls.datasets.pipelines[0]!.transforms.find((t) => t.name === 'features')!
  Object.assign(step, { toJSON: () => ({}) })
  const portable = { name: 'toyMlp', toJSON: () => ({}) }
  using learn = toyLearner(dls, { portable, ...(lossFunc && { lossFunc }) })
  const before = [...(await learn.predict('row 3')).probabilities]
  await learn.export(join(root, 'model'))
  const { loss: written } = JSON.parse(readFileSync(join(root, 'model', 'model.json'), 'utf8'))
  using loaded = await loadLearner<Prediction>(join(root, 'model'))
  return { before, after: [...(await loaded.predict('row 3')).probabilities], written }
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

it('a loss that the target asks for is not written down', async () => {
  for (const loss of [undefined, crossEntropyLossFlat()]) {
    const { before, after, written } = await roundTrip(loss)
    expect(after).toEqual(before)
    expect(sum(after)).toBeCloseTo(1, 6)
    expect(written).toBeUndefined()
  }
})

it('another loss comes along with its options: predictions stay what they were', async () => {
  const focal = await roundTrip(focalLossFlat({ gamma: 3, weight: [1, 2, 3] }))
  expect(focal.written).toEqual({ name: 'focal', options: { gamma: 3, weight: [1, 2, 3] } })
  expect(focal.after).toEqual(focal.before)

  const bce = await roundTrip(bceWithLogitsLossFlat({ thresh: 0.2 }))
  expect(bce.written).toEqual({ name: 'bceWithLogits', options: { thresh: 0.2 } })
  expect(bce.after).toEqual(bce.before)
  expect(sum(bce.after)).not.toBeCloseTo(1, 2)
})

it('a function of your own without activation predicts as it did, and says that it is not known', async () => {
  const { before, after, written } = await roundTrip((pred) => tf.mean(tf.square(pred)))
  expect(written).toEqual({ name: 'plain', options: {} })
  expect(after).toEqual(before)
  expect(sum(after)).not.toBeCloseTo(1, 2)
  using loaded = await loadLearner(join(root, 'model'))
  tf.tidy(() => {
    expect(() => loaded.lossFunc(tf.zeros([1]))).toThrow('the loss of this model was a function')
  })
})

it('one with an activation must say how it is made again, and can', async () => {
  const mine = (options: object) =>
    Object.assign((pred: tf.Tensor) => tf.mean(pred), {
      activation: (pred: tf.Tensor) => tf.tanh(pred),
      ...options,
    })
  await expect(roundTrip(mine({}))).rejects.toThrow(
    /^the loss '.*' cannot be exported: it does not say how to make it again\n {2}→ give it toJSON\(\) and register/,
  )
  const loss = mine({ toJSON: () => ({}) })
  Object.defineProperty(loss, 'name', { value: 'squashed' })
  registerPart('loss', 'squashed', () => loss)
  const { before, after, written } = await roundTrip(loss)
  expect(written).toEqual({ name: 'squashed', options: {} })
  expect(after).toEqual(before)
})

it('options in a file are checked as those in code are', async () => {
  await roundTrip(focalLossFlat({ gamma: 3 }))
  const path = join(root, 'model', 'model.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  const opened = async (loss: object) => {
    writeFileSync(path, JSON.stringify({ ...manifest, loss }))
    using _ = await loadLearner(join(root, 'model'))
  }
  await expect(opened({ name: 'focal', options: { gamma: 'x' } })).rejects.toThrow(
    'the options of the loss \'focal\' are not valid: focal: gamma is string "x"',
  )
  await expect(opened({ name: 'huber', options: {} })).rejects.toThrow("the model needs the loss 'huber'")
  await expect(opened({ name: 'focal', options: {}, code: 1 })).rejects.toThrow('not a valid model')
})
