import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { Folder } from './folder.js'
import { lock } from './lock.js'
import '../node/install.js'

const run = runFolder()

async function folder(): Promise<string> {
  await nodePlatform.mkdir(run())
  return run()
}

const claim = (dir: string, owner: unknown) => writeFile(`${dir}/lock.json`, JSON.stringify(owner))
const gone = 2 ** 22 + 1

it('is one process’s at a time, and says whose', async () => {
  const dir = await folder()
  const first = await lock(dir)
  await first.check()
  await expect(lock(dir)).rejects.toThrow(
    `process ${process.pid} on ${hostname()} trains into '${dir}' now\n  → wait for its end`,
  )
  await first.release()
  expect(await readdir(dir)).toEqual([])
  await (await lock(dir)).release()
})

it('is taken over where its process is gone, runs elsewhere, or was cut while claiming', async () => {
  const dir = await folder()
  for (const owner of [
    { id: 'a', pid: gone, host: hostname() },
    { id: 'b', pid: process.pid, host: 'another machine' },
    { id: 'c', pid: process.pid, host: hostname() }, // In a container every process has the same number.
    'torn',
    { pid: 'x' },
  ]) {
    await claim(dir, owner)
    const mine = await lock(dir)
    await mine.check()
    await mine.release()
    expect(await readdir(dir)).toEqual([])
  }
})

it('is taken over where whoever removed a dead one was cut meanwhile', async () => {
  const dir = await folder()
  for (const [id, owner] of [
    ['dead', { id: 'dead', pid: gone, host: hostname() }],
    ['unreadable', 'torn'],
  ] as const) {
    await claim(dir, owner)
    await writeFile(`${dir}/lock.json.${id}`, '')
    await writeFile(`${dir}/lock.json.other`, '')
    const mine = await Folder.open(dir, 2)
    expect(await readdir(dir)).toEqual(['lock.json'])
    await mine.close()
  }
})

it('is not taken for gone where it cannot be read for a moment', async () => {
  const dir = await folder()
  const mine = await lock(dir)
  setPlatform({ ...nodePlatform, readFile: () => Promise.reject(new Error('EMFILE: too many open files')) })
  try {
    await expect(mine.check()).rejects.toThrow(/^EMFILE/)
    await mine.release()
  } finally {
    setPlatform(nodePlatform)
  }
  expect(await readdir(dir)).toEqual(['lock.json'])
  const again = await lock(dir) // What could not be given back is no claim.
  await rm(`${dir}/lock.json`)
  await expect(again.check()).rejects.toThrow(`the claim of this process to '${dir}' is gone`)
  await again.release()
})

it('tells the former owner that it was taken over, and leaves the new claim alone', async () => {
  const dir = await folder()
  const first = await lock(dir)
  await claim(dir, { id: 'thief', pid: gone, host: hostname() })
  await expect(first.check()).rejects.toThrow(`process ${gone} on ${hostname()} trains into`)
  await first.release()
  expect(JSON.parse(await readFile(`${dir}/lock.json`, 'utf8'))).toMatchObject({ id: 'thief' })
})

it('goes to one of many who find a dead claim at once', async () => {
  const dir = await folder()
  for (let round = 0; round < 20; round++) {
    await claim(dir, { id: 'dead', pid: gone, host: hostname() })
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => lock(dir)))
    const won = all.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []))
    expect(won).toHaveLength(1)
    await won[0]!.check()
    await won[0]!.release()
  }
})
