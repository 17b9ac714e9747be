import { afterEach, expect, it } from 'vitest'
import { ndArray } from '../nd-array.js'
import type { Card } from './block.js'
import { CardTable, setTextWriter } from './card-table.js'

const cards: readonly Card[] = [
  [{ text: 'a <b>\nline' }, { text: 'pos' }],
  [{ text: 'x'.repeat(80) }, { pixels: ndArray('uint8', [2, 3, 1], [1, 2, 3, 4, 5, 6], 'mask') }],
  [{ text: '\u001b[31mred' }],
]
const table = () => new CardTable(Promise.resolve(cards), ['text'])
afterEach(() => setTextWriter(undefined))

it('is a table of text that drives no terminal', async () => {
  expect(await table().toText({ maxWidth: 10 })).toBe(
    ['text        element 1', 'a <b> line  pos', 'xxxxxxxxx…  mask 2 × 3', '[31mred'].join('\n'),
  )
})

it('is a table of HTML that runs nothing', async () => {
  const html = await table().toHTML()
  expect(html).toContain('<th>text</th><th>element 1</th>')
  expect(html).toContain('<td>a &lt;b&gt;\nline</td><td>pos</td>')
})

it('is written as its name ends, where something writes files', async () => {
  await expect(table().save('t.txt')).rejects.toThrow("'t.txt' cannot be written here\n  → import")
  const written: Record<string, string> = {}
  setTextWriter(async (path, text) => {
    written[path] = text
  })
  await table().save('t.txt')
  await table().save('t.HTML')
  expect(written['t.txt']).toMatch(/^text {2,}/)
  expect(written['t.HTML']).toMatch(/^<!doctype html>/)
})

it('shows itself in a notebook, and says what it is without waiting', async () => {
  const display = (table() as unknown as Record<symbol, () => Promise<object>>)[
    Symbol.for('Jupyter.display')
  ]!
  expect(Object.keys(await display.call(table()))).toEqual(['text/html', 'text/plain'])
  expect(String(table())).toContain('await toText()')
})

it('leaves no failure behind when nobody looks at it', async () => {
  const failed = new CardTable(Promise.reject(new Error('torn')))
  await expect(failed.toText()).rejects.toThrow('torn')
})
