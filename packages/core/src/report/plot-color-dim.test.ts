import { expect, test } from 'vitest'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { plotColorDim } from './plot-color-dim.js'

setPlatform(nodePlatform)

/** The picture inside a figure: its pixels as lists of [red, green, blue], from the top. */
async function pixelsIn(svg: string): Promise<number[][][]> {
  const sharp = (await import('sharp')).default
  const [, base64 = ''] = /base64,([\w+/=]+)/.exec(svg)!
  const { data, info } = await sharp(Buffer.from(base64, 'base64'))
    .raw()
    .toBuffer({ resolveWithObject: true })
  return Array.from({ length: info.height }, (_, y) =>
    Array.from({ length: info.width }, (_, x) => [
      ...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x + 1)),
    ]),
  )
}

const [dark, bright] = [
  [68, 1, 84],
  [253, 231, 37],
] // The ends of viridis.

test('a pixel per bin and step, the lowest bin at the bottom, the most frequent bright', async () => {
  const svg = await plotColorDim({
    layer: 'a <b>',
    steps: [0, 1, 2],
    hist: [
      [0, 0, 4],
      [0, 2, 0],
    ],
  }).toSVG()
  const [top, bottom, ...more] = await pixelsIn(svg)
  expect(more).toEqual([])
  expect(bottom).toEqual([dark, dark, bright])
  expect([top![0], top![2]]).toEqual([dark, dark])
  expect(top![1]![1]).toBeGreaterThan(dark![1]!)
  expect(svg).toContain('>a &lt;b&gt;<')
})

test('of very many steps neighbours are taken together; of none there is no picture', async () => {
  const long = Array.from({ length: 5000 }, (_, i) => i % 2)
  const svg = await plotColorDim({ layer: 'a', steps: long.map((_, i) => i), hist: [long] }).toSVG()
  expect((await pixelsIn(svg))[0]).toHaveLength(1000)
  const none = await plotColorDim({ layer: 'a', steps: [], hist: [] }).toSVG()
  expect(none).not.toMatch(/<image|NaN/)
})
