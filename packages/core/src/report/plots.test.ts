import { DOMParser } from 'linkedom'
import { afterEach, expect, test, vi } from 'vitest'
import { nodePlatform } from '../node/platform.js'
import { createDocument } from '../node/report/document.js'
import { setPlatform } from '../platform.js'
import type { Figure } from './figure.js'
import { plotFigure } from './plot.js'
import { plotConfusion } from './plot-confusion.js'
import { plotLosses } from './plot-losses.js'
import { plotLrFind } from './plot-lr-find.js'
import { plotSchedule } from './plot-schedule.js'

setPlatform(nodePlatform)
afterEach(() => {
  vi.unstubAllGlobals()
  setPlatform(nodePlatform)
})

interface Read {
  readonly svg: string
  readonly texts: readonly string[]
  all(selector: string): Element[]
}

async function read(figure: Figure): Promise<Read> {
  const svg = await figure.toSVG()
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml') as unknown as Document
  const all = (selector: string) => Array.from(root.querySelectorAll(selector)) as Element[]
  return { svg, texts: all('text').map((t) => t.textContent ?? ''), all }
}

/** The letters a path is made of: M begins a piece of a line. */
const pieces = (path: Element | undefined) => path?.getAttribute('d')?.match(/M/g)?.length ?? 0

test('losses: a line per step, a dot per validation, a legend, named axes', async () => {
  const train = Array.from({ length: 100 }, (_, i) => 1 / (i + 1))
  const { texts, all } = await read(
    plotLosses({
      train,
      valid: [
        { step: 50, loss: 0.4 },
        { step: 100, loss: 0.2 },
      ],
    }),
  )
  expect(texts).toEqual(expect.arrayContaining(['train', 'valid', 'step', 'loss']))
  expect(all('g[aria-label=line] path')).toHaveLength(2)
  expect(all('g[aria-label=dot] circle')).toHaveLength(2)
})

test('losses: the first steps are left out, unless there are few', async () => {
  const path = async (n: number) => {
    const { all } = await read(plotLosses({ train: Array.from({ length: n }, (_, i) => i) }))
    return all('g[aria-label=line] path')[0]?.getAttribute('d')?.split('L').length
  }
  expect(await path(40)).toBe(35)
  expect(await path(8)).toBe(8)
})

test('losses: what is not finite is a gap, and spoils neither axis', async () => {
  const { svg, all, texts } = await read(
    plotLosses({ train: [3, Number.NaN, 2, Number.POSITIVE_INFINITY, 1, 1] }, { skipStart: 0 }),
  )
  expect(svg).not.toMatch(/NaN|Infinity/)
  expect(pieces(all('g[aria-label=line] path')[0])).toBe(3)
  expect(texts).toContain('2.5')
})

test('losses: a long fit is drawn with about as many points as pixels', async () => {
  const { svg } = await read(plotLosses({ train: Array.from({ length: 200_000 }, (_, i) => Math.sin(i)) }))
  expect(svg.length).toBeLessThan(60_000)
})

test('lr finder: decades on a logarithmic axis, each suggestion named with its rate', async () => {
  const lrs = Array.from({ length: 100 }, (_, i) => 1e-7 * 10 ** (i / 12.5))
  const losses = lrs.map((lr) => 4 - Math.log10(lr / 1e-7) / 4)
  const { texts, all } = await read(
    plotLrFind({ lrs, losses, suggestions: [{ name: 'valley', lr: 1.45e-3, loss: 2.8 }] }),
  )
  expect(texts).toEqual(expect.arrayContaining(['1e-7', '1e-5', '0.001', '0.1', 'valley 0.00145']))
  expect(all('g[aria-label=line] path')[0]?.getAttribute('d')?.split('L')).toHaveLength(95)
})

test('lr finder: equal steps of the rate are equal steps of the axis in its logarithm', async () => {
  const { all } = await read(plotLrFind({ lrs: [1e-3, 1e-2, 1e-1], losses: [1, 2, 3] }))
  const points = all('g[aria-label=line] path')[0]!.getAttribute('d')!.slice(1).split('L')
  const [a = 0, b = 0, c = 0] = points.map((p) => Number(p.split(',')[0]))
  expect(b - a).toBeCloseTo(c - b, 0)
})

test('schedule: one panel for the rate, a second where there is a momentum', async () => {
  const lrs = [1e-4, 1e-3, 1e-5]
  expect((await read(plotSchedule({ lrs }))).all('svg svg')).toHaveLength(1)
  const both = await read(plotSchedule({ lrs, moms: [0.95, 0.85, 0.95] }))
  expect(both.all('svg svg')).toHaveLength(2)
  expect(both.texts).toEqual(expect.arrayContaining(['learning rate', 'momentum']))
})

test('schedule: a panel for every hyper-parameter, once', async () => {
  const lr = [1e-4, 1e-3, 1e-5]
  const hps = { lr: [Number.NaN, 1e-3, 1e-5], wd: [0.1, 0.05, 0], beta: [1, 2, 3] }
  const { texts, all, svg } = await read(plotSchedule({ lrs: lr, moms: [0.95, 0.85, 0.95], hps }))
  expect(all('svg svg')).toHaveLength(4)
  const titles = ['learning rate', 'momentum', 'weight decay', 'beta']
  expect(texts.filter((t) => titles.includes(t))).toEqual(titles)
  expect(svg).not.toMatch(/NaN/)
  expect((await read(plotSchedule({ hps: { wd: hps.wd } }))).all('svg svg')).toHaveLength(1)
})

test('confusion: a cell for each pair, counts shown, zeros left empty', async () => {
  const figure = plotConfusion({
    matrix: [
      [3, 1],
      [0, 5],
    ],
    vocab: ['neg', 'pos'],
  })
  const { texts, all } = await read(figure)
  expect(all('g[aria-label=cell] rect')).toHaveLength(4)
  expect(texts.filter((t) => /^\d+$/.test(t))).toEqual(['3', '1', '5'])
  expect(texts.filter((t) => t === 'neg' || t === 'pos')).toHaveLength(4)
})

test('confusion: normalised by row', async () => {
  const { texts } = await read(
    plotConfusion({
      matrix: [
        [3, 1],
        [0, 0],
      ],
      vocab: ['a', 'b'],
      normalize: true,
    }),
  )
  expect(texts.filter((t) => /^\d*\.\d+$/.test(t))).toEqual(['.75', '.25'])
})

test('confusion: 37 classes keep a line of letters between neighbours, and their full names', async () => {
  const vocab = Array.from({ length: 37 }, (_, i) => `staffordshire_terrier_${i}`)
  const { all, texts } = await read(
    plotConfusion({ matrix: vocab.map((_, i) => vocab.map((_, j) => i + j)), vocab }),
  )
  const tops = all('g[aria-label=cell] rect').map((rect) => Number(rect.getAttribute('y')))
  expect(new Set(tops).size).toBe(37)
  expect((Math.max(...tops) - Math.min(...tops)) / 36).toBeGreaterThanOrEqual(16)
  expect(texts.filter((t) => t === 'staffordshire_terrier_36')).toHaveLength(2)
})

test('confusion: two classes of one name stay two', async () => {
  const same = 'x'.repeat(500)
  const { all, texts } = await read(
    plotConfusion({
      matrix: [
        [1, 2],
        [3, 4],
      ],
      vocab: [same, same],
    }),
  )
  expect(all('g[aria-label=cell] rect')).toHaveLength(4)
  expect(texts.filter((t) => t.startsWith('xxx'))).toHaveLength(4)
})

test.each([
  [[[1, 2]], ['a', 'b']],
  [
    [[1], [2]],
    ['a', 'b'],
  ],
  [[], []],
])('confusion: %j does not fit %j', (matrix, vocab) => {
  expect(() => plotConfusion({ matrix, vocab })).toThrow(/needs \d+ rows of \d+ counts, got/)
})

test('nothing to plot is an empty plot, not an error', async () => {
  const empty = [plotLosses({ train: [] }), plotSchedule({ lrs: [] }), plotLrFind({ lrs: [], losses: [] })]
  for (const figure of empty) expect(await figure.toSVG()).not.toMatch(/NaN|Infinity|⚠/)
})

test('title, legend and plot become one SVG, from top to bottom', async () => {
  const figure = plotFigure((plot) => ({
    title: 'Loss & more',
    subtitle: 'of two runs',
    caption: 'lower is better',
    color: { legend: true },
    marks: [plot.dot(['a', 'b'], { x: [1, 2], y: [1, 2], fill: (d: string) => d })],
  }))
  const { svg, texts, all } = await read(figure)
  expect(svg.match(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/)).toBeTruthy()
  expect(texts.slice(0, 4)).toEqual(['Loss & more', 'of two runs', 'a', 'b'])
  expect(texts.at(-1)).toBe('lower is better')
  expect(all('style, figure, span, div')).toEqual([])
})

test('a plot where there is no document says so', async () => {
  setPlatform(undefined)
  await expect(plotLosses({ train: [1] }).toSVG()).rejects.toThrow(/needs a document.*createDocument/s)
})

test('in a browser the page is what plots are drawn with', async () => {
  vi.stubGlobal('document', await createDocument())
  setPlatform(undefined)
  expect((await read(plotLosses({ train: [3, 2, 1] }))).texts).toContain('step')
})

test('a plot comes out as a PNG that is not blank', async () => {
  const sharp = (await import('sharp')).default
  const png = await plotLosses({ train: [3, 2, 1] }).toPNG({ scale: 1 })
  const { channels } = await sharp(png).stats()
  expect(channels.every(({ stdev }) => stdev > 1)).toBe(true)
})
