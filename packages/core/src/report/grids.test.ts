import { type Card, EspalierError, type NdArray, ndArray } from '@espalier/data'
import { DOMParser } from 'linkedom'
import { afterEach, expect, test } from 'vitest'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { cardGrid } from './card-grid.js'
import type { Figure } from './figure.js'
import { resultGrid, topLossGrid } from './result-grid.js'
import { toneColors } from './style.js'

setPlatform(nodePlatform)
afterEach(() => {
  setPlatform(nodePlatform)
})

const picture = (side = 4, value = 90): { pixels: NdArray<'uint8'> } => ({
  pixels: ndArray('uint8', [side, side, 3], new Uint8Array(side * side * 3).fill(value), 'image'),
})
const mask = (side = 4) => ({
  pixels: ndArray('uint8', [side, side], new Uint8Array(side * side).fill(1), 'mask'),
})
const cards = (n: number): Card[] => Array.from({ length: n }, (_, i) => [picture(), { text: `label ${i}` }])

async function read(figure: Figure) {
  const svg = await figure.toSVG()
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml') as unknown as Document
  const texts = Array.from(root.querySelectorAll('text')) as Element[]
  const images = Array.from(root.querySelectorAll('image')) as Element[]
  return { svg, texts: texts.map((t) => t.textContent), elements: texts, images }
}

/** Where the grid put each image: the sum of the moves around it. */
function placeOf(image: Element): [number, number] {
  let [x, y] = [0, 0]
  for (let at: Element | null = image; at; at = at.parentElement) {
    const [, dx = 0, dy = 0] =
      /translate\(([-\d.]+),([-\d.]+)\)/.exec(at.getAttribute('transform') ?? '') ?? []
    x += Number(dx)
    y += Number(dy)
  }
  return [x, y]
}

test.each([
  [1, 1, 1],
  [2, 1, 2],
  [5, 2, 3],
  [7, 2, 4],
  [9, 3, 3],
])('%d cards stand in %d rows of %d', async (n, rows, columns) => {
  const places = (await read(cardGrid(cards(n)))).images.map(placeOf)
  expect(new Set(places.map(([, y]) => y)).size).toBe(rows)
  expect(new Set(places.map(([x]) => x)).size).toBe(columns)
})

test('the last text of a card is its title, pictures carry their bytes', async () => {
  const { texts, images } = await read(cardGrid(cards(2)))
  expect(texts).toEqual(['label 0', 'label 1'])
  for (const image of images) expect(image.getAttribute('href')).toMatch(/^data:image\/png;base64,/)
})

test('cards that are on their way are waited for', async () => {
  const coming = new Promise<readonly Card[]>((resolve) => setTimeout(() => resolve(cards(3)), 5))
  expect((await read(cardGrid(coming))).images).toHaveLength(3)
})

test('cards that never come: whoever draws gets the error, nobody else', async () => {
  const figure = cardGrid(Promise.reject(new EspalierError('loaders/empty', 'no batch')))
  await new Promise((resolve) => setTimeout(resolve, 5)) // an unhandled rejection would fail the run here
  await expect(figure.toSVG()).rejects.toThrow('no batch')
})

test('titles and colours given from outside replace the cards own', async () => {
  const { texts, elements } = await read(
    cardGrid(cards(2), { titles: ['one\ntwo', 'three'], colors: ['wrong', 'right'] }),
  )
  expect(texts).toEqual(['one', 'two', 'three'])
  expect(elements.map((t) => t.getAttribute('fill'))).toEqual([
    toneColors.wrong,
    toneColors.wrong,
    toneColors.right,
  ])
})

test('a pair of pictures stands side by side; a mask lies over its picture', async () => {
  const pair = await read(cardGrid([[picture(), picture(), { text: 'similar' }]]))
  expect(pair.images.map(placeOf).map(([, y]) => y)[0]).toBe(pair.images.map(placeOf)[1]![1])
  expect((await read(cardGrid([[picture(), mask()]]))).images).toHaveLength(1)
  expect((await read(cardGrid([[picture(), mask(), mask()]]))).images).toHaveLength(2)
})

test('a card of texts shows the first as running text', async () => {
  const { texts } = await read(cardGrid([[{ text: 'a good film '.repeat(100) }, { text: 'pos' }]]))
  expect(texts[0]).toBe('pos')
  expect(texts.slice(1)).toHaveLength(8)
})

test('a photo becomes a JPEG where there is an encoder, else a PNG; a large one is made smaller first', async () => {
  const shapes: (readonly number[])[] = []
  setPlatform({
    ...nodePlatform,
    async encodeImage(pixels) {
      shapes.push(pixels.shape)
      return Uint8Array.of(1)
    },
  })
  const jpeg = await read(cardGrid([[picture(1000)]]))
  expect(jpeg.images[0]?.getAttribute('href')).toBe('data:image/jpeg;base64,AQ==')
  expect(shapes).toEqual([[500, 500, 3]])
  setPlatform({ ...nodePlatform, encodeImage: async () => undefined })
  expect((await read(cardGrid([[picture(100)]]))).images[0]?.getAttribute('href')).toMatch(/^data:image\/png/)
  setPlatform(undefined)
  expect((await read(cardGrid([[picture(100)]]))).images[0]?.getAttribute('href')).toMatch(/^data:image\/png/)
})

test('no card gives a picture that says so', async () => {
  expect((await read(cardGrid([]))).texts).toEqual(['nothing to show'])
})

test('results: predicted over actual, green when right, bold red when wrong', async () => {
  const { texts, elements } = await read(
    resultGrid([
      { inputs: [picture()], predicted: { text: 'cat' }, actual: { text: 'cat' } },
      { inputs: [picture()], predicted: { text: 'cat' }, actual: { text: 'dog' } },
    ]),
  )
  expect(texts).toEqual(['predicted / actual', 'cat', 'cat', 'cat', 'dog'])
  expect(elements[1]?.getAttribute('fill')).toBe(toneColors.right)
  expect(elements[3]?.getAttribute('fill')).toBe(toneColors.wrong)
  expect(elements[3]?.getAttribute('font-weight')).toBe('600')
})

test('results: `right` says what counts where texts do not', async () => {
  const { elements } = await read(
    resultGrid([
      { inputs: [picture()], predicted: { text: '3.1' }, actual: { text: '3.2' }, right: true },
      { inputs: [picture()], predicted: { text: '3.1' }, actual: { text: '3.1' }, right: false },
    ]),
  )
  expect([elements[1], elements[3]].map((e) => e?.getAttribute('fill'))).toEqual([
    toneColors.right,
    toneColors.wrong,
  ])
})

test('results: two masks over one picture, named', async () => {
  const { texts, images } = await read(
    resultGrid([{ inputs: [picture()], actual: mask(), predicted: mask() }]),
  )
  expect(texts).toEqual(['actual', 'predicted'])
  expect(images).toHaveLength(2)
})

test('results: a picture made from a picture stands beside both', async () => {
  const { texts } = await read(resultGrid([{ inputs: [picture()], actual: picture(), predicted: picture() }]))
  expect(texts).toEqual(['input', 'actual', 'predicted'])
})

test('largest losses: prediction, truth, loss and probability', async () => {
  const item = { inputs: [picture()], predicted: { text: 'cat' }, actual: { text: 'dog' } }
  const { texts } = await read(topLossGrid([{ ...item, loss: 7.345, probability: 0.999 }]))
  expect(texts).toEqual(['predicted / actual / loss / probability', 'cat', 'dog', '7.34 / 1.00'])
  expect((await read(topLossGrid([{ ...item, loss: 0.5 }]))).texts.at(-1)).toBe('0.50')
})
