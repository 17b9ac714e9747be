import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { LogFile } from './log-file.js'

setPlatform(nodePlatform)
afterEach(() => void setPlatform(nodePlatform))
const path = runFolder()
const text = () => readFileSync(path(), 'utf8')

it('writes what was added in its order, however the flushes fall', async () => {
  const file = new LogFile(path())
  const all: Promise<void>[] = []
  let expected = ''
  for (let i = 0; i < 50; i++) {
    file.add(`${i}\n`)
    expected += `${i}\n`
    if (i % 3 === 0) all.push(file.flush())
    if (i % 7 === 0) await file.flush()
  }
  await Promise.all(all)
  await file.close()
  expect(text()).toBe(expected)
  expect(new TextDecoder().decode(await file.read())).toBe(expected)
})

it('begins anew, or adds on a line of its own', async () => {
  writeFileSync(path(), 'old, torn')
  const added = new LogFile(path(), true)
  added.add('a\n')
  await added.close()
  expect(text()).toBe('old, torn\na\n')
  const anew = new LogFile(path())
  anew.add('b\n')
  await anew.close()
  expect(text()).toBe('b\n')
})

it('goes back to any moment: what was durable stays, what was waiting is written again, the rest goes', async () => {
  const file = new LogFile(path(), true)
  const moments = [file.saveState()]
  const contents = ['']
  let all = ''
  for (const line of ['a\n', 'b\n', 'c\n', 'd\n']) {
    file.add(line)
    all += line
    moments.push(file.saveState())
    contents.push(all)
    if (line !== 'c\n') await file.flush()
    moments.push(file.saveState())
    contents.push(all)
  }
  await file.close()
  for (const [i, moment] of moments.entries()) {
    writeFileSync(path(), 'a\nb\nc\nd\ntorn')
    if (moment.length === null) rmSync(path())
    const again = new LogFile(path(), true)
    again.loadState(JSON.parse(JSON.stringify(moment)))
    again.add('!\n')
    await again.close()
    expect(text()).toBe(`${contents[i]}!\n`)
  }
})

it('says what a disk refuses, tries again, and writes nothing twice', async () => {
  const told: string[] = []
  let refusals = 2
  setPlatform({
    ...nodePlatform,
    write: (line) => void told.push(line),
    async appendFile(file, bytes) {
      if (refusals-- <= 0) return nodePlatform.appendFile(file, bytes)
      appendFileSync(file, bytes.subarray(0, 1)) // A part may have been taken.
      throw new Error('ENOSPC')
    },
  })
  const file = new LogFile(path())
  file.add('one\n')
  await file.flush()
  file.add('two\n')
  await file.flush()
  expect(told).toEqual(['log not written: ENOSPC\n'])
  await file.close()
  expect(text()).toBe('one\ntwo\n')
  refusals = 1
  file.add('three\n')
  await expect(file.close()).rejects.toThrow('ENOSPC')
  await file.close()
  expect(text()).toBe('one\ntwo\nthree\n')
})

it('goes on where the file was lost, and says so', async () => {
  const told: string[] = []
  setPlatform({ ...nodePlatform, write: (line) => void told.push(line) })
  const file = new LogFile(path())
  file.add('one\n')
  await file.close()
  const state = file.saveState()
  rmSync(path())
  const again = new LogFile(path())
  again.loadState(state)
  again.add('two\n')
  await again.close()
  expect(text()).toBe('two\n')
  expect(told.join()).toContain('lacks a part of what this run had written')
})

it('in passing writes every other second, or when much waits', async () => {
  let now = 10_000
  setPlatform({ ...nodePlatform, now: () => now })
  const file = new LogFile(path())
  const written = async () => {
    file.flushSometimes()
    await new Promise((resolve) => setTimeout(resolve, 50))
    return (file.saveState().length ?? 0) > 0 && file.saveState().waiting === ''
  }
  file.add('one\n')
  expect(await written()).toBe(true)
  file.add('two\n')
  now += 1900
  expect(await written()).toBe(false)
  now += 200
  expect(await written()).toBe(true)
  file.add(new Uint8Array(1 << 20))
  expect(await written()).toBe(true)
  await file.close()
})
