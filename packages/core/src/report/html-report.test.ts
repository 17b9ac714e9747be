import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { Figure } from './figure.js'
import { htmlReport } from './html-report.js'
import { Table } from './table.js'

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"/>'

async function read() {
  const html = await htmlReport({
    title: 'Pets',
    subtitle: 'ResNet-34',
    sections: [
      {
        title: 'Losses',
        text: 'First.\nStill first.\n\nSecond.',
        figures: [new Figure(async () => svg, { alt: 'losses' })],
        tables: [new Table(['epoch', 'loss'], [[0, 0.5]])],
      },
      { title: 'Empty' },
    ],
  })
  return { html, document: parseHTML(html).document }
}

test('a report is one page with a section for each part, in order', async () => {
  const { html, document } = await read()
  expect(html).toMatch(/^<!doctype html>\n<html lang="en"><head><meta charset="utf-8"\/>/)
  expect(document.title).toBe('Pets')
  expect(Array.from(document.querySelectorAll('h1, h2')).map((h) => h.textContent)).toEqual([
    'Pets',
    'Losses',
    'Empty',
  ])
  expect(Array.from(document.querySelectorAll('section p')).map((p) => p.textContent)).toEqual([
    'First.\nStill first.',
    'Second.',
  ])
  expect(document.querySelector('img')?.getAttribute('alt')).toBe('losses')
  expect(document.querySelectorAll('td.number')).toHaveLength(2)
})

test('it asks for nothing from outside, knows the dark and the printed page', async () => {
  const { html } = await read()
  expect(html.replaceAll(/src="data:[^"]*"/g, '')).not.toMatch(/https?:|src=|href=|@import|url\(/)
  expect(html).toContain('prefers-color-scheme: dark')
  expect(html).toContain('@media print')
})
