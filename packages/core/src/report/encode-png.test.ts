import { ndArray } from '@espalier/data'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { encodePng } from './encode-png.js'

test.each([
  [1, 1],
  [7, 13],
  [300, 200],
])('another decoder reads the same %d × %d pixels', async (height, width) => {
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 31 + (i >> 5)) & 255)
  const file = await encodePng(ndArray('uint8', [height, width, 3], data))
  const { data: read, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true })
  expect([info.height, info.width, info.channels]).toEqual([height, width, 3])
  expect(new Uint8Array(read)).toEqual(data)
})

test('a smooth picture is compressed', async () => {
  const data = Uint8Array.from({ length: 200 * 200 * 3 }, (_, i) => Math.floor(i / 3) % 200)
  expect((await encodePng(ndArray('uint8', [200, 200, 3], data))).length).toBeLessThan(4000)
})
