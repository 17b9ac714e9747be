import { readFile, writeFile } from 'node:fs/promises'
import { beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { fingerprint, Mlp, type ToyLearner, toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { readSafetensors } from '../io/safetensors.js'
import { loadStateDict } from '../io/state-dict.js'
import { sgd } from '../optim/alias.js'
import { larc } from '../optim/larc.js'
import { lookahead } from '../optim/lookahead.js'
import { platform, setPlatform } from '../platform.js'
import '../node/install.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

async function trained(): Promise<ToyLearner> {
  const learn = toyLearner(await toyLoaders())
  await learn.fit(1, 0.05)
  return learn
}

it('a learner goes on from a file as if it had never stopped', async () => {
  using learn = await trained()
  expect(await learn.save(`${dir()}/model`)).toBe(`${dir()}/model.safetensors`)
  using other = toyLearner(await toyLoaders())
  Object.assign(other.run, learn.run)
  await other.load(`${dir()}/model`)
  await learn.fit(1, 0.05)
  await other.fit(1, 0.05)
  expect(fingerprint(other)).toBe(fingerprint(learn))
})

it('an optimizer that keeps numbers of other shapes comes back too', async () => {
  using learn = toyLearner(await toyLoaders(), { optFunc: lookahead(larc()) })
  await learn.fit(1, 0.05)
  const path = await learn.save(`${dir()}/model`)
  using other = toyLearner(await toyLoaders(), { optFunc: lookahead(larc()) })
  await other.load(path)
  expect(other.opt.stateDict()).toEqual(learn.opt.stateDict())
})

it('weights alone are a file that others read, and leave the optimizer alone', async () => {
  using learn = await trained()
  const path = await learn.save(`${dir()}/model.safetensors`, { withOpt: false })
  using model = new Mlp()
  loadStateDict(model, readSafetensors(await readFile(path)).tensors)
  using other = await trained()
  await other.fit(1, 0.05)
  const states = other.opt.state.size
  expect(await other.load(path)).toEqual({ missing: [], unexpected: [] })
  expect(weightsOf(other)).toEqual(weightsOf(learn))
  expect(other.opt.state.size).toBe(states)
})

it('what does not fit is named before anything is changed', async () => {
  using learn = await trained()
  const path = await learn.save(`${dir()}/model`)
  using other = toyLearner(await toyLoaders(), { optFunc: sgd({ mom: 0.9 }) })
  const before = weightsOf(other)
  await expect(other.load(path)).rejects.toThrow(
    /of an optimizer does not fit this learner: it has the steps weightDecay → .* instead of weightDecay → averageGrad.*\n {2}→ make the learner with the same optFunc and splitter, or say withOpt: false/,
  )
  await expect(other.load(`${dir()}/nothing`)).rejects.toThrow(`${dir()}/nothing.safetensors`)
  expect(weightsOf(other)).toEqual(before)
  await other.load(path, { withOpt: false })
  expect(weightsOf(other)).toEqual(weightsOf(learn))
  using whole = toyLearner(await toyLoaders(), { splitter: (m) => [m.parameters()] })
  await expect(whole.load(path)).rejects.toThrow('it has 2 parameter groups, the optimizer 1')
  await expect(learn.save(`${dir()}/`)).rejects.toThrow('save needs the path of a file')
  await expect(learn.load(3 as unknown as string)).rejects.toThrow(
    'load needs the path of a file, got number 3',
  )
})

it('a file with damaged words about the optimizer is refused, and its weights can still be had', async () => {
  using learn = await trained()
  const path = await learn.save(`${dir()}/model`)
  const bytes = await readFile(path)
  await writeFile(path, Buffer.from(bytes.toString('latin1').replace('steps', 'stops'), 'latin1'))
  await expect(learn.load(path)).rejects.toThrow('says of its optimizer is damaged')
  await learn.load(path, { withOpt: false })
})

it('a save that fails leaves the file before it', async () => {
  using learn = await trained()
  const path = await learn.save(`${dir()}/model`)
  const bytes = await readFile(path)
  await learn.fit(1, 0.05)
  const real = platform()
  setPlatform({ ...real, writeFileAtomic: () => Promise.reject(new Error('ENOSPC')) })
  try {
    await expect(learn.save(`${dir()}/model`)).rejects.toThrow('ENOSPC')
  } finally {
    setPlatform(real)
  }
  expect(await readFile(path)).toEqual(bytes)
})
