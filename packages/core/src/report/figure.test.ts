import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { Figure } from './figure.js'

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="red"/></svg>'
let folder = ''

beforeEach(async () => {
  setPlatform(nodePlatform)
  folder = await mkdtemp(join(tmpdir(), 'figure-'))
})
afterEach(async () => {
  setPlatform(nodePlatform)
  await rm(folder, { recursive: true })
})

test('a figure is drawn when it is asked for, and once', async () => {
  let drawn = 0
  const figure = new Figure(async () => {
    drawn++
    return svg
  })
  expect(drawn).toBe(0)
  expect(await Promise.all([figure.toSVG(), figure.toSVG()])).toEqual([svg, svg])
  expect(drawn).toBe(1)
})

test('a PNG has the size of the SVG times the scale, and its colours', async () => {
  const sharp = (await import('sharp')).default
  const image = sharp(await new Figure(() => svg).toPNG({ scale: 3 }))
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height, info.channels]).toEqual([120, 60, 3])
  expect([...data.subarray(0, 3)]).toEqual([255, 0, 0])
  expect([...data.subarray(-3)]).toEqual([255, 255, 255]) // what is transparent lies on white
  await expect(new Figure(() => svg).toPNG({ scale: 0 })).rejects.toThrow(/0 pixels per px.*scale above 0/s)
})

test('its HTML is an image, so nothing in the SVG can run', async () => {
  const html = await new Figure(() => svg, { alt: 'a "red" square' }).toHTML()
  expect(html).toBe(
    `<figure><img src="data:image/svg+xml;base64,${btoa(svg)}" alt="a &quot;red&quot; square"/></figure>`,
  )
})

test.each([
  ['a.svg', '<svg'],
  ['a.PNG', '\u0089PNG'],
  ['deeper/a.html', '<!doctype html>'],
])('save writes %s by its ending, and nothing else', async (name, start) => {
  const path = join(folder, name)
  await new Figure(() => svg).save(path)
  expect((await readFile(path, 'latin1')).slice(0, start.length)).toBe(start)
  expect(await readdir(join(path, '..'))).toHaveLength(1)
})

test('an ending that is no picture is refused before anything is drawn', async () => {
  const figure = new Figure(() => {
    throw new Error('drawn')
  })
  await expect(figure.save(join(folder, 'a.gif'))).rejects.toThrow(/a\.gif'.*\.svg, \.png or \.html/s)
})

test('a failure to draw reaches everyone who asks', async () => {
  const figure = new Figure(() => {
    throw new Error('no data')
  })
  await expect(figure.toSVG()).rejects.toThrow('no data')
  await expect(figure.save(join(folder, 'a.png'))).rejects.toThrow('no data')
  expect(await readdir(folder)).toEqual([])
})

test('a Deno notebook gets the SVG and a line of text', async () => {
  const figure = new Figure(() => svg, { alt: 'losses' })
  const display = Reflect.get(figure, Symbol.for('Jupyter.display')) as () => Promise<object>
  expect(await display.call(figure)).toEqual({ 'image/svg+xml': svg, 'text/plain': '[losses]' })
})

test('without a platform, as in a browser, the SVG is there and the rest says what to do', async () => {
  setPlatform(undefined)
  const figure = new Figure(() => svg)
  expect(await figure.toSVG()).toBe(svg)
  await expect(figure.toPNG()).rejects.toThrow(/PNG cannot be drawn here.*toSVG/s)
  await expect(figure.save('a.svg')).rejects.toThrow(/files cannot be read or written.*Node/s)
})
