import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { inTurn } from './in-turn.js'

let root: string
let lock: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'espalier-lock-'))
  lock = join(root, 'locks', 'x.lock')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Work whose result all see, once it is done. */
function shared() {
  const seen: { result?: number; runs: number } = { runs: 0 }
  const work = async () => {
    seen.runs++
    await sleep(150)
    seen.result = 7
    return 7
  }
  return { seen, work, result: async () => seen.result }
}

it('lets one work and the others take its result', async () => {
  const { seen, work, result } = shared()
  expect(await Promise.all(Array.from({ length: 8 }, () => inTurn(lock, { work, result })))).toEqual(
    new Array(8).fill(7),
  )
  expect(seen.runs).toBe(1)
  expect(existsSync(lock)).toBe(false)
})

it('lets the next one try when the first fails', async () => {
  const { work, result } = shared()
  let second: Promise<number> | undefined
  const fail = async () => {
    second = inTurn(lock, { work, result })
    await sleep(50)
    throw new Error('no')
  }
  await expect(inTurn(lock, { work: fail, result })).rejects.toThrow('no')
  expect(await second).toBe(7)
  expect(existsSync(lock)).toBe(false)
})

it('passes a lock that nobody has touched for 10 s, and waits at a younger one', async () => {
  const { work, result } = shared()
  await inTurn(lock, { work, result: async () => undefined })
  writeFileSync(lock, '')
  utimesSync(lock, 1000, 1000)
  expect(await inTurn(lock, { work, result, now: () => 1_011_000 })).toBe(7)
  writeFileSync(lock, '')
  utimesSync(lock, 1000, 1000)
  const none = async () => undefined
  const waiting = inTurn(lock, { work, result: none, now: () => 1_009_000, signal: AbortSignal.timeout(300) })
  await expect(waiting).rejects.toThrow('aborted')
  expect(existsSync(lock)).toBe(true)
})

it('works without a lock where none can be kept', async () => {
  const { seen, work, result } = shared()
  writeFileSync(join(root, 'locks'), 'a file')
  expect(await Promise.all([1, 2].map(() => inTurn(lock, { work, result })))).toEqual([7, 7])
  expect(seen.runs).toBe(2)
  mkdirSync(join(root, 'folder.lock'))
  utimesSync(join(root, 'folder.lock'), 1000, 1000)
  expect(await inTurn(join(root, 'folder.lock'), { work, result: async () => undefined })).toBe(7)
})
