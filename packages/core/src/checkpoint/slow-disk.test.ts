import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { generationsOf } from './generation.js'
import { readGeneration } from './read-generation.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()
afterEach(() => {
  setPlatform(nodePlatform)
})

it('states that a slow disk takes longer for than an epoch lasts are written one after the other', async () => {
  let [writing, most] = [0, 0]
  const kept: string[] = []
  setPlatform({
    ...nodePlatform,
    async writePieces(path, pieces) {
      most = Math.max(most, ++writing)
      await nodePlatform.writePieces(
        path,
        (function* () {
          yield* pieces
        })(),
      )
      await sleep(60)
      writing--
    },
    async rename(from, to) {
      await nodePlatform.rename(from, to)
      const [{ name }] = generationsOf([to.split('/').at(-1)!]) as [{ name: string }]
      await readGeneration(dir(), name) // What was committed is whole.
      kept.push(name)
    },
  })
  using learn = toyLearner(await toyLoaders())
  await learn.fit(6, 0.01, { checkpoint: { dir: dir() } })
  expect(most).toBe(1)
  expect(kept.at(-1)).toMatch(/-end-/)
  expect(kept.length).toBeGreaterThan(1)
})
