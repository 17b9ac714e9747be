import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { toFloat32 } from '../io/convert.js'
import type { Callback } from '../learner/callback.js'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { readGeneration } from './read-generation.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()
afterEach(() => {
  setPlatform(nodePlatform)
})

it('a disk that is slower than an epoch is given one state at a time, each as it was', async () => {
  let [writing, most] = [0, 0]
  const found: (readonly [step: number, bias: readonly number[]])[] = []
  setPlatform({
    ...nodePlatform,
    async writePieces(path, pieces) {
      most = Math.max(most, ++writing)
      await sleep(60)
      await nodePlatform.writePieces(path, pieces)
      writing--
    },
    async rename(from, to) {
      await nodePlatform.rename(from, to)
      const { file, tensors } = await readGeneration(dir(), to.slice(dir().length + 1))
      found.push([file.run.step, [...toFloat32('bias', tensors.model.get('out.bias')!)]])
    },
  })
  using learn = toyLearner(await toyLoaders())
  const biases = new Map<number, readonly number[]>()
  const watch: Callback = {
    name: 'watch',
    afterEpoch: () => void biases.set(learn.run.step, [...learn.model.out.bias!.dataSync()]),
  }
  await learn.fit(12, 0.01, { cbs: [watch], checkpoint: { dir: dir() } })
  expect(most).toBe(1)
  expect(found.length).toBeGreaterThan(1)
  expect(found.at(-1)?.[0]).toBe(learn.run.step)
  for (const [step, bias] of found) expect(bias).toEqual(biases.get(step))
})
