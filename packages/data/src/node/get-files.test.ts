import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EspalierError } from '../errors.js'
import { getFiles, getImageFiles } from './get-files.js'

let root = ''

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'espalier-files-'))
  for (const name of [
    'b.JPG',
    'a.txt',
    '.hidden.jpg',
    'train/2.png',
    'train/1.jpeg',
    'train/deep/3.jpg',
    'valid/4.jpg',
    '.git/5.jpg',
    'noextension',
  ]) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), '')
  }
})
afterAll(() => rmSync(root, { recursive: true }))

const under = (files: readonly string[]) => files.map((f) => relative(root, f).replaceAll('\\', '/'))

it('walks in the order of names and leaves out what is hidden', async () => {
  expect(under(await getImageFiles(root))).toEqual([
    'b.JPG',
    'train/1.jpeg',
    'train/2.png',
    'train/deep/3.jpg',
    'valid/4.jpg',
  ])
  expect(under(await getFiles(root, { recurse: false }))).toEqual(['a.txt', 'b.JPG', 'noextension'])
  expect(under(await getFiles(root, { extensions: ['.TXT'] }))).toEqual(['a.txt'])
})

it('looks only into the folders it is given', async () => {
  expect(under(await getFiles(root, { folders: ['train'] }))).toEqual([
    'train/1.jpeg',
    'train/2.png',
    'train/deep/3.jpg',
  ])
})

it('says what a folder without such files holds instead, and when it cannot be read', async () => {
  await expect(getFiles(root, { extensions: ['.csv'] })).rejects.toThrow(
    /there is no \.csv file under .*\n {2}→ it holds 7 other files: .*a\.txt, /,
  )
  const empty = mkdtempSync(join(tmpdir(), 'espalier-none-'))
  await expect(getImageFiles(empty)).rejects.toThrow('the folder is empty')
  rmSync(empty, { recursive: true })
})

it('says what is wrong with a folder, and what to do', async () => {
  const refused = async (path: unknown, message: string | RegExp, options: object = {}) => {
    const error = await getImageFiles(path as string, options).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(EspalierError)
    expect((error as Error).message).toMatch(message)
  }
  await refused(
    join(root, 'nowhere'),
    /^cannot list '.*nowhere': there is no such folder\n {2}→ check the path$/,
  )
  await refused(
    'no/where',
    `cannot list 'no/where': there is no such folder\n  → check the path; relative paths begin at '${process.cwd()}'`,
  )
  await refused(
    join(root, 'a.txt'),
    /^cannot list '.*a\.txt': it is a file\n {2}→ give the folder that holds it$/,
  )
  await refused(
    undefined,
    "a folder must be given as a path, got undefined\n  → say getImageFiles('pets/images')",
  )
  await refused('', 'a folder must be given as a path, got string ""')
  await refused(['a.jpg', 'b.jpg'], 'a folder must be given as a path, got ["a.jpg","b.jpg"]')
  await refused(new URL(`file://${root}`), 'got URL\n  → use fileURLToPath(url)')
})

it('says what is wrong with its options', async () => {
  const refused = (options: object, message: string | RegExp) =>
    expect(getFiles(root, options)).rejects.toThrow(message)
  await refused(
    { extensions: '.jpg' },
    `extensions must be a list such as ['.jpg', '.png'], got string ".jpg"`,
  )
  await refused({ extensions: ['jpg'] }, `extensions must be a list such as ['.jpg', '.png'], got ["jpg"]`)
  await refused({ folders: 'train' }, `folders must be a list such as ['train', 'valid'], got string "train"`)
  await refused(
    { folders: ['test'], extensions: ['.jpg'] },
    /^there is no \.jpg file under '.*' in its folders test\n {2}→ there are 3 elsewhere under it: leave out folders/,
  )
})

it('follows links to files and folders, and a loop of them once', async (test) => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'espalier-links-'))
  try {
    symlinkSync(join(root, 'b.JPG'), join(elsewhere, 'linked.jpg'))
    symlinkSync(join(root, 'train'), join(elsewhere, 'set'))
    symlinkSync(elsewhere, join(elsewhere, 'self'))
    symlinkSync(join(root, 'gone.jpg'), join(elsewhere, 'broken.jpg'))
  } catch {
    test.skip('this machine lets nobody make links')
  }
  const files = (await getImageFiles(elsewhere)).map((f) => relative(elsewhere, f).replaceAll('\\', '/'))
  expect(files).toEqual(['linked.jpg', 'set/1.jpeg', 'set/2.png', 'set/deep/3.jpg'])
  rmSync(elsewhere, { recursive: true })
})
