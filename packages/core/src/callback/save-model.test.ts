import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { scripted, told } from '../../test/scripted.js'
import { type ToyLearner, toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import { platform } from '../platform.js'
import '../node/install.js'
import { type SaveModelOptions, saveModel } from './save-model.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

/** Fits with a scripted score; the weights at the end of each epoch, and what was said. */
async function fits(values: readonly number[], options: SaveModelOptions, epochs = values.length) {
  const { metric, cb } = scripted(values)
  const save = saveModel({ monitor: 'score', fname: `${dir()}/best`, ...options })
  const weights: number[][] = []
  const watch: Callback = {
    name: 'watch',
    order: 99,
    afterEpoch: ({ learn }) => void weights.push(weightsOf(learn as unknown as ToyLearner)),
  }
  using learn = toyLearner(await toyLoaders({ train: 8, valid: 8 }), {
    metrics: [metric],
    cbs: [cb, save, watch],
    verbose: true,
  })
  const lines = await told(() => learn.with({ quiet: true }, () => learn.fit(epochs, 0.1)))
  return { save, weights, lines, left: weightsOf(learn) }
}

it('saves at each improvement, and the best model is what is left', async () => {
  const { save, weights, lines, left } = await fits([0.5, 0.7, 0.6], {})
  expect(left).toEqual(weights[1])
  expect(left).not.toEqual(weights[2])
  expect(save.lastSaved).toBe(`${dir()}/best.safetensors`)
  expect(lines).toEqual([
    'Better model found at epoch 0 with score value: 0.5.',
    'Better model found at epoch 1 with score value: 0.7.',
  ])
})

it('loads no file of an earlier run where nothing improved', async () => {
  await platform().mkdir(dir())
  await writeFile(join(dir(), 'best.safetensors'), 'the best of another day')
  const { save, weights, lines, left } = await fits([Number.NaN, Number.NaN], {})
  expect(left).toEqual(weights[1])
  expect(save.lastSaved).toBeUndefined()
  expect(lines).toEqual(['score never improved: the model is that of the last epoch'])
  expect(await readFile(join(dir(), 'best.safetensors'), 'utf8')).toBe('the best of another day')
})

it('saves every n-th epoch, or at the end', async () => {
  const every = await fits([0.5, 0.4, 0.3, 0.2], { everyEpoch: 2 })
  expect(await platform().listDir(dir())).toEqual(['best_0.safetensors', 'best_2.safetensors'])
  expect(every.left).toEqual(every.weights[3])
  const end = await fits([0.5, 0.4], { fname: `${dir()}/last.safetensors`, atEnd: true })
  expect(await platform().listDir(dir())).toContain('last.safetensors')
  expect(end.lines).toEqual([])
  using learn = toyLearner(await toyLoaders())
  await learn.load(`${dir()}/last`)
  expect(weightsOf(learn)).toEqual(end.left)
})

it('keeps the optimizer with the best model where it is asked to', async () => {
  await fits([0.5], { withOpt: true })
  using learn = toyLearner(await toyLoaders())
  await learn.load(`${dir()}/best`, { withOpt: true })
  expect(learn.opt.state.size).toBeGreaterThan(0)
  await fits([0.5], {})
  await expect(learn.load(`${dir()}/best`, { withOpt: true })).rejects.toThrow('holds weights only')
})

it('does not save while lrFind tries rates, nor miss a column there', async () => {
  const { metric } = scripted([1])
  using learn = toyLearner(await toyLoaders(), {
    metrics: [metric],
    cbs: [
      saveModel({ fname: `${dir()}/a`, atEnd: true }),
      saveModel({ monitor: 'score', fname: `${dir()}/b` }),
    ],
  })
  await learn.lrFind({ numIt: 20, stopDiv: false })
  expect(await platform().exists(dir())).toBe(false)
})

it('refuses what makes no sense', () => {
  expect(() => saveModel({ everyEpoch: true, atEnd: true })).toThrow(
    'everyEpoch and atEnd exclude each other',
  )
  expect(() => saveModel({ everyEpoch: 0.5 })).toThrow('everyEpoch must be a whole number from 1, got 0.5')
  expect(() => saveModel({ fname: '' })).toThrow('saveModel needs the path of a file, got string ""')
  expect(() => saveModel({ fname: 'model.pth' })).toThrow("say 'model.safetensors'")
})
