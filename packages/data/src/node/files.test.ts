import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CardTable } from '../blocks/card-table.js'
import { fileSplitter } from './file-splitter.js'
import { getTextFiles } from './index.js'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'espalier-data-'))
  for (const name of ['b.txt', 'a.TXT', 'c.csv']) await writeFile(join(dir, name), name)
})
afterAll(() => rm(dir, { recursive: true }))

it('getTextFiles lists texts', async () => {
  expect(await getTextFiles(dir)).toEqual([join(dir, 'a.TXT'), join(dir, 'b.txt')])
  await expect(getTextFiles(dir, { recursive: true } as object)).rejects.toThrow('did you mean recurse?')
})

it('fileSplitter validates on the files that a list names', async () => {
  const list = join(dir, 'valid.txt')
  await writeFile(list, 'b.jpg\r\nother/d.jpg\n\nnot there.jpg\n')
  const split = await fileSplitter(list)
  expect(split(['x/a.jpg', 'x/b.jpg', 'y\\c.jpg', 'y\\d.jpg'])).toEqual([
    [0, 2],
    [1, 3],
  ])
  expect(() => split(['x/a.jpg', 'x/b.png'])).toThrow(
    /^no item has one of the 3 names in .*: b.jpg, d.jpg, not there.jpg\n {2}→ the items are called a.jpg, b.png/,
  )
  await expect(fileSplitter(join(dir, 'none.txt'))).rejects.toThrow('→ give a text file that names one')
})

it('a table of samples is written to a file, folders made', async () => {
  const path = join(dir, 'new', 'batch.txt')
  await new CardTable(Promise.resolve([[{ text: 'a' }]]), ['text']).save(path)
  expect(await readFile(path, 'utf8')).toBe('text\na\n')
  const under = new CardTable(Promise.resolve([])).save(join(dir, 'b.txt', 'x.txt'))
  await expect(under).rejects.toThrow(/^cannot write /)
})
