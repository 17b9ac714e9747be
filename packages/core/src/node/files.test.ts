import fsp, { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { platform, setPlatform } from '../platform.js'
import {
  appendFile,
  exists,
  listDir,
  mkdir,
  readFile,
  removeTree,
  rename,
  truncate,
  writeFileAtomic,
  writePieces,
} from './files.js'
import { nodePlatform } from './platform.js'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = async (path: string) => new TextDecoder().decode(await readFile(path))
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a file is replaced, its folders are made, nothing else is left', async () => {
  const path = join(folder, 'a', 'b', 'c.bin')
  await writeFileAtomic(path, bytes('one'))
  await writeFileAtomic(path, bytes('two'))
  expect(await text(path)).toBe('two')
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['c.bin'])
})

test('many writers of one file: the last whole one wins, none is mixed', async () => {
  const path = join(folder, 'a')
  const letters = [...'abcdefgh']
  await Promise.all(letters.map((letter) => writeFileAtomic(path, bytes(letter.repeat(200_000)))))
  const result = await text(path)
  expect(letters.map((letter) => letter.repeat(200_000))).toContain(result)
  expect(await readdir(folder)).toEqual(['a'])
})

test('of a file that cannot be written to its end nothing is left', async () => {
  const failing = function* () {
    yield bytes('first')
    throw new Error('the second is lost')
  }
  await expect(writePieces(join(folder, 'torn'), failing())).rejects.toThrow('the second is lost')
  expect(await readdir(folder)).toEqual([])
})

test('a file that Node does not read at once is read in parts', async () => {
  const path = join(folder, 'large')
  await writeFileAtomic(path, bytes('as large as it may be'))
  const { readFile: real } = fsp
  const refuse = () =>
    Promise.reject(Object.assign(new Error('too large'), { code: 'ERR_FS_FILE_TOO_LARGE' }))
  Object.assign(fsp, { readFile: refuse })
  syncBuiltinESMExports()
  try {
    expect(await text(path)).toBe('as large as it may be')
  } finally {
    Object.assign(fsp, { readFile: real })
    syncBuiltinESMExports()
  }
})

test('a name of the longest length can be written', async () => {
  const name = 'n'.repeat(255)
  await writeFileAtomic(join(folder, name), bytes('x'))
  expect(await readdir(folder)).toEqual([name])
})

test('a write that fails leaves the old file and no temporary one, and says which', async () => {
  await mkdir(join(folder, 'taken', 'full'))
  await expect(writeFileAtomic(join(folder, 'taken'), bytes('x'))).rejects.toMatchObject({
    code: 'file/write',
    message: expect.stringContaining(`cannot write '${join(folder, 'taken')}'`),
  })
  expect(await readdir(folder)).toEqual(['taken'])
  await writeFileAtomic(join(folder, 'file'), bytes('x'))
  await expect(writeFileAtomic(join(folder, 'file', 'below'), bytes('x'))).rejects.toThrow('cannot write')
  expect(await text(join(folder, 'file'))).toBe('x')
})

test('names are listed in order, a rename replaces, a tree goes with all in it', async () => {
  for (const name of ['b', 'B', 'a10', 'a9']) await writeFileAtomic(join(folder, name), bytes(name))
  expect(await listDir(folder)).toEqual(['B', 'a10', 'a9', 'b'])
  await rename(join(folder, 'b'), join(folder, 'B'))
  expect(await text(join(folder, 'B'))).toBe('b')
  await mkdir(join(folder, 'x', 'y'))
  await mkdir(join(folder, 'x', 'y'))
  await rename(join(folder, 'B'), join(folder, 'x', 'y', 'B'))
  await removeTree(join(folder, 'x'))
  await removeTree(join(folder, 'x'))
  expect(await listDir(folder)).toEqual(['a10', 'a9'])
})

test('a file grows at its end, with its folders, and is cut back; both tell its length', async () => {
  const path = join(folder, 'a', 'log')
  expect(await appendFile(path, bytes('one\n'))).toBe(4)
  expect(await appendFile(path, bytes('two\n'))).toBe(8)
  expect(await appendFile(path, bytes(''))).toBe(8)
  expect(await truncate(path, 100)).toBe(8)
  expect(await text(path)).toBe('one\ntwo\n')
  expect(await truncate(path, 4)).toBe(4)
  expect(await appendFile(path, bytes('2'))).toBe(5)
  expect(await text(path)).toBe('one\n2')
  expect(await truncate(join(folder, 'none'), 4)).toBe(0)
  const below = join(path, 'below')
  await expect(appendFile(below, bytes('x'))).rejects.toMatchObject({ code: 'file/write' })
  await expect(truncate(below, 0)).rejects.toThrow(`cannot cut '${below}' back`)
  expect(await readdir(folder)).toEqual(['a'])
})

test('a file exists or not; below a file nothing does', async () => {
  await writeFileAtomic(join(folder, 'a'), bytes(''))
  expect(await exists(join(folder, 'a'))).toBe(true)
  expect(await exists(join(folder, 'b'))).toBe(false)
  expect(await exists(join(folder, 'a', 'b'))).toBe(false)
})

test.each([
  ['file/read', () => readFile(join(folder, 'none'))],
  ['file/list', () => listDir(join(folder, 'none'))],
  ['file/rename', () => rename(join(folder, 'none'), join(folder, 'b'))],
] as const)('%s names the path that is not there', async (code, run) => {
  await expect(run()).rejects.toMatchObject({ code, message: expect.stringMatching(/cannot .*none.*ENOENT/) })
})

test('what cannot be looked at is an error, not an absence', async () => {
  await symlink('loop', join(folder, 'loop'))
  await expect(exists(join(folder, 'loop'))).rejects.toMatchObject({ code: 'file/read' })
})

test('without a platform the error says where one comes from', () => {
  const before = setPlatform(undefined)
  expect(() => platform()).toThrow(/files cannot be read or written here.*run under Node/s)
  expect(setPlatform(before)).toBeUndefined()
  expect(platform()).toBe(before)
})

test('the clock of Node does not run backwards', () => {
  const [a, b] = [nodePlatform.now(), nodePlatform.now()]
  expect(b).toBeGreaterThanOrEqual(a)
  expect(Math.abs(a - Date.now())).toBeLessThan(60_000)
})
