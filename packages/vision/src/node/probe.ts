import { open } from 'node:fs/promises'
import { SkipItem } from '@espalier/data'
import sharp, { type SharpOptions } from 'sharp'
import type { Size } from '../image/geometry.js'
import { formatOf, headerLength, type ImageFormat } from './formats.js'
import { unreadable } from './unreadable.js'

/** A picture in a file, or its bytes. */
export type Encoded = string | Uint8Array

/** What the head of a file says about the picture in it. */
export interface Probed {
  readonly format: ImageFormat
  /** Of the picture as it is shown: upright, if orientation is applied. */
  readonly size: Size
  readonly hasAlpha: boolean
  readonly colours: 'grey' | 'cmyk' | 'rgb'
  /** 16 bits for each number, of which the upper 8 are read. */
  readonly deep?: boolean
}

/** What is done to a picture as it is read, and its limits. */
export interface ReadOptions {
  /** Whether pictures are turned as their EXIF data says. */
  readonly orient: boolean
  /** Larger ones are skipped before anything is allocated. */
  readonly maxPixels: number
  /** How long one picture may take, in seconds. */
  readonly timeout: number
}

// Formats with interpreters behind them. Bytes are checked by their first ones before sharp gets them; a file
// could be exchanged after that check, so their readers are also switched off. SVG in memory stays on: figures
// are drawn with it.
sharp.block({
  operation: [
    'VipsForeignLoadSvgFile',
    'VipsForeignLoadPdf',
    'VipsForeignLoadMagick',
    'VipsForeignLoadVips',
    'VipsForeignLoadOpenslide',
  ],
})

/**
 * Reads the head of a picture: format by its first bytes, then size. Throws `SkipItem` when it is no picture of an
 * allowed format, damaged at its head, or too large.
 */
export async function probe(input: Encoded, options: ReadOptions): Promise<Probed> {
  let format: ImageFormat | undefined
  try {
    const found = formatOf(typeof input === 'string' ? await headOf(input) : input)
    if ('why' in found) throw new SkipItem(found.why)
    format = found.format
    const { autoOrient, width, height, hasAlpha, space, depth } = await sharp(input, {
      ...sharpOptions(options),
      limitInputPixels: false,
    }).metadata()
    if (width * height > options.maxPixels) {
      throw new SkipItem(`${width}×${height} px, at most ${megapixels(options.maxPixels)} are read`)
    }
    return {
      format,
      size: options.orient ? autoOrient : { width, height },
      hasAlpha,
      // 16-bit grey goes by way of colours: the direct way to 8 bits rounds, Pillow and colours cut off.
      colours: space === 'b-w' ? 'grey' : space === 'cmyk' ? 'cmyk' : 'rgb',
      deep: depth === 'ushort',
    }
  } catch (error) {
    throw await unreadable(error, input, format)
  }
}

/** How sharp opens a picture: its colour profile is not applied (as in Pillow), a damaged one is an error. */
export function sharpOptions({ orient, maxPixels }: ReadOptions): SharpOptions {
  return {
    autoOrient: orient,
    ignoreIcc: true,
    failOn: 'error',
    limitInputPixels: maxPixels,
    limitInputChannels: 64,
  }
}

/** A number of pixels for messages: `12.2 megapixels`. */
export function megapixels(pixels: number): string {
  return `${Math.round(pixels / 1e5) / 10} megapixels`
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new SkipItem(stat.isDirectory() ? 'a folder, not a file' : 'not a plain file')
    const { buffer, bytesRead } = await file.read(new Uint8Array(headerLength), 0, headerLength, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
