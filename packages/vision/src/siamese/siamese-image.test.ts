import { EspalierError, ndArray } from '@espalier/data'
import { expect, it } from 'vitest'
import { RasterImage } from '../image/raster-image.js'
import { SiameseImage, siameseGrid } from './siamese-image.js'

const filled = (h: number, w: number, value: number, c = 3) =>
  ndArray('uint8', [h, w, c], new Uint8Array(h * w * c).fill(value), 'image')
/** The columns of the first line of a picture of greys, run by run: `[value, how many]`. */
function runs({ data, shape }: { readonly data: Uint8Array; readonly shape: readonly number[] }) {
  const [, w, c] = shape as [number, number, number]
  const found: [value: number, n: number][] = []
  for (let x = 0; x < w; x++) {
    const value = data[x * c]!
    const last = found.at(-1)
    if (last?.[0] === value) last[1]++
    else found.push([value, 1])
  }
  return found
}

it('shows two pictures with ten columns of zeros between them', async () => {
  const pixels = await new SiameseImage(filled(4, 5, 200), filled(4, 7, 90), true).pixels()
  expect(pixels).toMatchObject({ shape: [4, 22, 3], kind: 'image', dtype: 'uint8' })
  expect(runs(pixels)).toEqual([
    [200, 5],
    [0, 10],
    [90, 7],
  ])
  expect(pixels.data.filter((v) => v === 0)).toHaveLength(4 * 10 * 3)
})

it('brings the second to the size of the first while it is not decoded', async () => {
  const pair = new SiameseImage(RasterImage.of(filled(6, 4, 50)), RasterImage.of(filled(12, 9, 70)), false)
  const pixels = await pair.pixels()
  expect(pixels.shape).toEqual([6, 18, 3])
  expect(runs(pixels)).toEqual([
    [50, 4],
    [0, 10],
    [70, 4],
  ])
})

it('is titled by what it is', async () => {
  const svg = (same: boolean) => new SiameseImage(filled(4, 4, 1), filled(4, 4, 2), same).show().toSVG()
  expect(await svg(true)).toContain('>same<')
  expect(await svg(false)).toContain('>different<')
})

it('says what to do about decoded pictures of two heights', async () => {
  const error = await new SiameseImage(filled(4, 4, 1), filled(5, 4, 2), true).pixels().catch((e) => e)
  expect(error).toBeInstanceOf(EspalierError)
  expect(error.message).toMatch(/one height, got .*\[4, ?4, ?3\].*\[5, ?4, ?3\].*\n {2}→ .*resize\(224\)/)
})

it('a grid joins the two pictures of each card and leaves other cards alone', async () => {
  const card = [{ pixels: filled(4, 4, 9) }, { pixels: filled(4, 4, 8) }, { text: 'same' }]
  const svg = await siameseGrid(Promise.resolve([card])).toSVG()
  expect(svg.match(/<image /g)).toHaveLength(1)
  const alone = await siameseGrid(Promise.resolve([[card[0]!, { text: 'no pair' }]])).toSVG()
  expect(alone).toContain('>no pair<')
})
