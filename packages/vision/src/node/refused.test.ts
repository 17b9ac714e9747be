import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@espalier/data'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { bytesOf, file, open, pixelsOf, reasonFor } from '../../test/files.js'
import { formatOf, type ImageFormat } from './formats.js'
import { unreadable } from './unreadable.js'

const reasons: readonly (readonly [string, string | RegExp])[] = [
  ['refused-truncated.jpg', 'truncated JPEG'],
  ['refused-truncated.png', 'truncated PNG'],
  ['refused-empty.jpg', 'empty file'],
  ['refused-garbage.jpg', 'not an image: unknown format'],
  ['refused-half-header.jpg', 'truncated JPEG'],
  ['refused-huge.png', '60000×60000 px, at most 32 megapixels are read'],
  ['refused-large.png', '14000×14000 px, at most 32 megapixels are read'],
  ['refused-svg.jpg', 'not an image: SVG is not read'],
  ['refused-svg-plain.png', 'not an image: SVG is not read'],
  ['refused-pdf.png', 'not an image: PDF is not read'],
  ['refused-html.jpg', 'not an image: a web page'],
  ['refused-bitmap.bmp', 'not an image: BMP is not read'],
]

describe('pictures that are left out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'refused-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(reasons)('%s: %s', async (name, reason) => {
    expect(await reasonFor(file(name))).toBe(reason)
    expect(await reasonFor(bytesOf(name))).toBe(reason)
  })

  it('are known by their size before anything is decoded', async () => {
    await expect((await open(file('refused-huge.png'))).size()).rejects.toThrow(/60000×60000/)
  })

  it('say when there is no file, or no plain one', async () => {
    expect(await reasonFor(join(folder, 'none.jpg'))).toBe('no such file')
    expect(await reasonFor(folder)).toBe('a folder, not a file')
  })

  it('say when the system does not let them be read, or they go away meanwhile', async () => {
    const failed = async (code: string, format?: ImageFormat) =>
      (
        await unreadable(
          Object.assign(new Error(`${code}: open`), { code }),
          join(folder, 'gone.jpg'),
          format,
        )
      ).message
    expect(await failed('EACCES')).toBe('no permission to read it')
    expect(await failed('EPERM')).toBe('no permission to read it')
    expect(await failed('EIO')).toBe('cannot be read: EIO: open')
    expect(await failed('EIO', 'JPEG')).toBe('the JPEG went away while it was read')
  })

  it('may not become enormous by padding', async () => {
    const long = await sharp({ create: { width: 9000, height: 2, channels: 3, background: '#123' } })
      .png()
      .toBuffer()
    const image = await open(long)
    const padded = image.crop({ left: 0, top: -4500, width: 9000, height: 9000 }, 'border')
    await expect(padded.pixels()).rejects.toThrow('9000×2 px would be made 9000×9000, at most 32 megapixels')
  })

  it('may be larger when asked for', async () => {
    expect(await reasonFor(file('photo.jpg'), { maxPixels: 50_000 })).toBe(
      '301×199 px, at most 0.1 megapixels are read',
    )
    expect((await pixelsOf(file('photo.jpg'), { maxPixels: 60_000 })).shape).toEqual([199, 301, 3])
  })

  it('name a decoder that took too long', async () => {
    const error = new Error('timeout: 42% complete')
    expect((await unreadable(error, bytesOf('rgb.png'), 'PNG')).message).toBe(
      'decoding the PNG took too long',
    )
  })

  it.each(['rgb.jpg', 'rgb.png', 'animated.gif', 'lossy.webp'])(
    'tell a %s cut off from one damaged',
    async (name) => {
      const bytes = bytesOf(name)
      const path = join(folder, name)
      writeFileSync(path, bytes.subarray(0, bytes.length - 20))
      for (const input of [path, bytes.subarray(0, bytes.length - 20)])
        expect((await unreadable(new Error('?'), input, formatNamed(name))).message).toMatch(/^truncated /)
      expect((await unreadable(new Error('?'), file(name), formatNamed(name))).message).toMatch(/^damaged /)
    },
  )

  it('are noticed when the file is exchanged for an SVG after its head was read', async () => {
    const path = join(folder, 'exchanged.png')
    writeFileSync(path, bytesOf('rgb.png'))
    const image = await open(path)
    await image.size()
    writeFileSync(path, bytesOf('refused-svg.jpg'))
    await expect(image.pixels()).rejects.toThrow(/^no PNG any more$/)
  })

  it('leave drawings of our own to sharp: SVG from memory still works', async () => {
    expect((await sharp(bytesOf('refused-svg-plain.png')).png().toBuffer()).length).toBeGreaterThan(50)
  })

  it('never stop the process, whatever the bytes', async () => {
    const names = [
      'rgb.jpg',
      'progressive.jpg',
      'rgb.png',
      'palette-alpha.png',
      'animated.gif',
      'lossy.webp',
      'lzw.tif',
    ]
    const outcomes = { read: 0, left: 0 }
    for (let i = 0; i < 420; i++) {
      const bytes = mutated(bytesOf(names[i % names.length]!), new Random(1, 'mutation', i))
      const image = await open(bytes)
      try {
        await image.resize({ width: 8, height: 8 }).pixels()
        outcomes.read++
      } catch (error) {
        expect(error, `mutation ${i}`).toMatchObject({ name: 'SkipItem' })
        expect((error as Error).message).toMatch(/^[^\n]{5,150}$/)
        outcomes.left++
      }
    }
    expect(outcomes.read).toBeGreaterThan(50)
    expect(outcomes.left).toBeGreaterThan(50)
  })
})

function formatNamed(name: string): ImageFormat {
  const found = formatOf(bytesOf(name))
  if ('why' in found) throw new Error(found.why)
  return found.format
}

/** A few bytes changed, or the end cut off, or a part moved. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes)
  if (random.uniform() < 0.2) return copy.subarray(0, random.int(copy.length))
  if (random.uniform() < 0.2) copy.copyWithin(random.int(copy.length), random.int(copy.length))
  for (let n = 1 + random.int(6); n > 0; n--) copy[random.int(copy.length)] = random.int(256)
  return copy
}
