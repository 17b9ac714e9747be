import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NdArray, ndArray } from '@espalier/data'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { context } from '../../test/draws.js'
import { bytesOf, file, furthest, open, pixelsOf } from '../../test/files.js'
import { resizePixels } from '../image/resample.js'
import { openImage } from './open-image.js'

// What Pillow makes of each kind of file is checked against golden numbers in test/images.test.ts; here is what
// sharp would do otherwise, each trap with what keeps it out.
describe('decoding', () => {
  const folder = mkdtempSync(join(tmpdir(), 'decode-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('gives the size that was asked for, also of a turned picture', async () => {
    for (const orientation of [1, 3, 6, 8]) {
      const image = await open(file(`exif-${orientation}.jpg`))
      const { width, height } = await image.size()
      const cut = image
        .crop({ left: 2, top: 3, width: width - 5, height: height - 7 })
        .resize({ width: 9, height: 5 })
      expect((await cut.pixels()).shape).toEqual([5, 9, 3])
    }
  })

  it('turns pictures as EXIF says, unless told not to', async () => {
    const turned = await pixelsOf(file('exif-6.jpg'))
    const raw = await pixelsOf(file('exif-6.jpg'), { orient: false })
    expect([turned.shape, raw.shape]).toEqual([
      [29, 23, 3],
      [23, 29, 3],
    ])
    const back = await (await open(raw)).turn(5).pixels()
    expect(back.data).toEqual(turned.data)
  })

  it('decodes the same bytes from a path and from memory, whole and in parts', async () => {
    for (const name of ['rgb.jpg', 'rgba.png', 'alpha.webp', 'cmyk.jpg', 'rgb16.png']) {
      const whole = await pixelsOf(file(name))
      expect((await pixelsOf(bytesOf(name))).data).toEqual(whole.data)
      const rect = { left: 3, top: 5, width: 11, height: 7 }
      const part = await (await open(file(name))).crop(rect).pixels()
      expect(part.data).toEqual((await (await open(whole)).crop(rect).pixels()).data)
    }
  })

  it('does not apply a colour profile: Pillow does not either', async () => {
    const same = await pixelsOf(file('profile.jpg'))
    const applied = await sharp(file('profile.jpg')).raw().toBuffer()
    expect(furthest(same, ndArray('uint8', same.shape, Uint8Array.from(applied)))).toBeGreaterThan(100)
    expect(furthest(same, await pixelsOf(file('rgb.jpg')))).toBe(0)
  })

  it('reads a grey picture as one channel or as three equal ones', async () => {
    const [one, three] = [await pixelsOf(file('grey.png'), { mode: 'L' }), await pixelsOf(file('grey.png'))]
    expect([one.shape, three.shape]).toEqual([
      [23, 29, 1],
      [23, 29, 3],
    ])
    for (const j of [0, 1, 2]) expect(three.data.filter((_, i) => i % 3 === j)).toEqual(one.data)
  })

  it('keeps the classes of a mask exactly, and does not enlarge it into new ones', async () => {
    const mask = await openImage({ mode: 'L' }, 'mask').encode(file('mask.png'), context(1))
    const classes = new Set((await mask.pixels()).data)
    const large = await mask.resize({ width: 700, height: 500 }).pixels()
    expect(large.shape).toEqual([500, 700])
    expect(new Set(large.data)).toEqual(classes)
  })

  it('shrinks a large picture without the shadow of what lies under its transparent parts', async () => {
    const [w, h] = [1600, 1200]
    // White where it can be seen, and black, hidden, in every other column.
    const data = Buffer.alloc(w * h * 4)
    for (let i = 0; i < w * h; i++) data.fill(i % 2 ? 0 : 255, 4 * i, 4 * i + 4)
    const png = await sharp(data, { raw: { width: w, height: h, channels: 4 } })
      .png()
      .toBuffer()
    const small = await (await open(png)).resize({ width: 16, height: 12 }).pixels()
    // Pillow drops transparency first: half white, half black. sharp alone would give white.
    expect(small.data.every((v) => v > 118 && v < 137)).toBe(true)
  })

  it('shrinks a large photograph within 3 of 255 of the exact result', async () => {
    const image = await open(file('large.jpg'))
    const exact = await resizePixels(await image.pixels(), { width: 90, height: 60 }, 'bilinear')
    const quick = await image.resize({ width: 90, height: 60 }).pixels()
    expect(furthest(quick, exact)).toBeLessThanOrEqual(3)
    expect(furthest(quick, exact)).toBeGreaterThan(0)
  })

  it('reads the head of a file once, and again when the file has changed', async () => {
    const path = join(folder, 'once.png')
    const transform = openImage()
    const sizeNow = async () => (await transform.encode(path, context(1))).size()
    const then = new Date(2020, 1, 1)
    const write = (bytes: Uint8Array) => {
      writeFileSync(path, bytes)
      utimesSync(path, then, then)
    }
    write(bytesOf('rgb.png'))
    const first = await sizeNow()
    write(new Uint8Array(bytesOf('rgb.png').length))
    expect(await sizeNow()).toEqual(first)
    writeFileSync(path, bytesOf('photo.jpg'))
    expect(await sizeNow()).toEqual({ width: 301, height: 199 })
  })

  it('decodes many pictures at once', async () => {
    const image = await open(file('large.jpg'))
    const small = () => image.resize({ width: 20, height: 20 }).pixels()
    const results = await Promise.all(Array.from({ length: 12 }, small))
    expect(new Set(results.map((r: NdArray) => r.data.join())).size).toBe(1)
  })

  it('takes pixels for a picture, and says what is wrong with others', async () => {
    const pixels = ndArray('uint8', [4, 5, 3], new Uint8Array(60))
    expect((await pixelsOf(pixels)).kind).toBe('image')
    await expect(open(ndArray('uint8', [4, 5], new Uint8Array(20)))).rejects.toThrow(
      /pixels must be uint8 \[h, w, 3\], got uint8 \[4,5\]/,
    )
    expect(() => openImage({ timeout: 0.5 })).toThrow(/timeout cannot be 0.5[\s\S]*whole number/)
    expect(() => openImage({ mode: 'rgb' as 'RGB' })).toThrow(/mode cannot be "rgb"[\s\S]*RGB, L/)
    await expect(open(7 as unknown as string)).rejects.toThrow(/a picture cannot be opened from number 7/)
  })
})
