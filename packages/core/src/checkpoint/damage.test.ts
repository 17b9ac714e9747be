import { readdir, readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '@espalier/data'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { Folder } from './folder.js'
import { readGeneration } from './read-generation.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()
afterEach(() => {
  setPlatform(nodePlatform)
})

/** A finished fit with its end alone, and what lies in it. */
async function written(): Promise<{ name: string; files: ReadonlyMap<string, Buffer> }> {
  using learn = toyLearner(await toyLoaders())
  await learn.fit(1, 0.01, { checkpoint: { dir: dir() } })
  const [name] = (await readdir(dir())) as [string]
  const names = await readdir(`${dir()}/${name}`)
  const files = await Promise.all(
    names.map(async (f) => [f, await readFile(`${dir()}/${name}/${f}`)] as const),
  )
  return { name, files: new Map(files) }
}

/** Whether a state is refused as damaged when one of its files reads otherwise. */
async function detects(name: string, file: string, bytes: Uint8Array): Promise<boolean> {
  setPlatform({
    ...nodePlatform,
    readFile: async (path) => (path.endsWith(`/${file}`) ? bytes : nodePlatform.readFile(path)),
  })
  try {
    await readGeneration(dir(), name)
    return false
  } catch (error) {
    return /^'.*' is damaged: /.test((error as Error).message) && (error as Error).message.includes(file)
  }
}

it('finds every truncation, flipped bit, swapped block and blank', async () => {
  const { name, files } = await written()
  expect([...files.keys()]).toEqual([
    'manifest.json',
    'model.safetensors',
    'optimizer.safetensors',
    'state.json',
  ])
  const random = new Random(1, 'damage')
  const missed: string[] = []
  let tried = 0
  const tryOut = async (file: string, how: string, bytes: Uint8Array) => {
    tried++
    if (!(await detects(name, file, bytes))) missed.push(`${file}: ${how}`)
  }
  for (const [file, good] of files) {
    const cuts = Array.from({ length: 64 }, (_, i) => good.length - 1 - i)
    for (let at = 0; at < good.length; at += 512) cuts.push(at)
    for (const at of cuts) if (at >= 0) await tryOut(file, `cut at ${at}`, good.subarray(0, at))
    for (let i = 0; i < 250; i++) {
      const bytes = Uint8Array.from(good)
      const at = random.int(good.length)
      bytes[at]! ^= 1 << random.int(8)
      await tryOut(file, `bit of ${at}`, bytes)
    }
    for (let i = 0; i < 50; i++) {
      const bytes = Uint8Array.from(good)
      const size = 1 + random.int(Math.floor(good.length / 2))
      const [a, b] = [random.int(good.length - size), random.int(good.length - size)]
      bytes.copyWithin(a, b, b + size)
      if (!good.equals(bytes)) await tryOut(file, `block ${b} at ${a}`, bytes)
    }
    await tryOut(file, 'blank', new Uint8Array(good.length))
    await tryOut(file, 'longer', Buffer.concat([good, Buffer.from([0])]))
  }
  expect(missed).toEqual([])
  expect(tried).toBeGreaterThan(1400)
})

it('falls back on the state before, and says which is damaged', async () => {
  using learn = toyLearner(await toyLoaders())
  const stop: Callback = {
    name: 'stop',
    async beforeTrain({ epoch }) {
      await sleep(50) // What was begun to be written is written.
      if (epoch === 2) throw new Error('stop')
    },
  }
  const options = { cbs: [stop], checkpoint: { dir: dir() } }
  await expect(learn.fit(3, 0.01, options)).rejects.toThrow('stop')
  const [older, newest] = (await readdir(dir())) as [string, string]
  const told: string[] = []
  setPlatform({
    ...nodePlatform,
    write: (text) => void told.push(text),
    async readFile(path) {
      const bytes = await nodePlatform.readFile(path)
      return path.endsWith(`${newest}/model.safetensors`) ? bytes.fill(0, 200, 220) : bytes
    },
  })
  const folder = await Folder.open(dir(), 2)
  expect((await folder.latest(0))?.name).toBe(older)
  await folder.close()
  expect(told).toEqual([
    expect.stringMatching(
      /model.safetensors' is damaged: the bytes .* are not those .*; an earlier state is used\n$/,
    ),
  ])
})

it('does not count on states that could not be read', async () => {
  const checkpoint = { dir: dir(), everySteps: 1 }
  const stopAt = (step: number): Callback => ({
    name: 'stop',
    async afterTrain({ epoch }) {
      await sleep(100) // What was begun to be written is written.
      if (epoch === step) throw new Error('stop')
    },
  })
  const run = async (epoch: number) => {
    using learn = toyLearner(await toyLoaders({ bs: 24, dropLast: false }))
    await learn.fit(9, 0.01, { cbs: [stopAt(epoch)], checkpoint, resume: true })
  }
  const blank = (name: string) => writeFile(`${dir()}/${name}/model.safetensors`, '')
  await expect(run(6)).rejects.toThrow('stop')
  const [first, last] = (await readdir(dir())) as [string, string]
  await blank(last)
  const told: string[] = []
  setPlatform({ ...nodePlatform, write: (text) => void told.push(text) })
  await expect(run(6)).rejects.toThrow('stop')
  const after = await readdir(dir())
  expect(after).toHaveLength(2)
  for (const name of after) expect((await readGeneration(dir(), name)).name).toBe(name)
  for (const name of after) await blank(name)
  await expect(run(1)).rejects.toThrow('stop')
  expect(told).toEqual([
    expect.stringMatching(`${last}/model.safetensors' is damaged.*; an earlier state is used\n`),
    expect.stringMatching(/; an earlier state is used\n/),
    expect.stringMatching(/; the fit begins anew\n/),
  ])
  expect(await readdir(dir())).not.toContain(first)
})

it('refuses what a newer version wrote, and does not fall back on what is older', async () => {
  const { name, files } = await written()
  const state = files.get('state.json')!
  const newer = Buffer.from(state.toString().replace('"version":1', '"version":9'))
  const { sha256 } = await import('../bundle/sha256.js')
  const manifest = JSON.parse(files.get('manifest.json')!.toString())
  manifest.files['state.json'] = [{ bytes: newer.length, sha256: await sha256(newer) }]
  const bytes = Buffer.from(JSON.stringify(manifest))
  const renamed = name.replace(/\w{8}$/, (await sha256(bytes)).slice(0, 8))
  setPlatform({
    ...nodePlatform,
    readFile: async (path) =>
      path.endsWith('state.json')
        ? newer
        : path.endsWith('manifest.json')
          ? bytes
          : files.get('model.safetensors')!,
  })
  await expect(readGeneration(dir(), renamed)).rejects.toThrow(
    /was written by a newer Espalier: format 9, this one reads up to 1\n {2}→ update @espalier\/core/,
  )
})
