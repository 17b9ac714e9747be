import { type NdArray, ndArray, SkipItem } from '@espalier/data'
import sharp, { type Sharp } from 'sharp'
import type { Rect, Size } from '../image/geometry.js'
import { type Encoded, type Probed, type ReadOptions, sharpOptions } from './probe.js'
import { unreadable } from './unreadable.js'

/** What to take out of a picture while it is decoded. */
export interface DecodePlan {
  readonly rect: Rect
  /** Shrinks the rectangle, near enough, so that the rest can be done exactly on less. */
  readonly shrinkTo?: Size | undefined
  readonly mode: 'RGB' | 'L'
}

/**
 * Decodes a part of a picture to bytes `[h, w, 3]` or, in mode `L`, `[h, w, 1]`, on libuv's threads. The bytes are
 * those of Pillow's `convert`: transparency is dropped, 16 bits become their upper 8, an animation its first frame,
 * CMYK is mixed without a profile. (Pillow makes 16-bit grey pictures white; here they too keep their upper 8.)
 */
export async function decode(
  input: Encoded,
  probed: Probed,
  { rect, shrinkTo, mode }: DecodePlan,
  options: ReadOptions,
): Promise<NdArray<'uint8'>> {
  try {
    let picture = sharp(input, sharpOptions(options)).extract({ ...rect })
    if (probed.colours === 'cmyk') picture = picture.pipelineColourspace('cmyk').toColourspace('cmyk')
    else if (probed.colours === 'grey') picture = picture.toColourspace('b-w')
    // Where there is transparency sharp would multiply it in before it shrinks: take it off first.
    if (probed.hasAlpha && shrinkTo) picture = await again(picture.removeAlpha(), options)
    if (shrinkTo) picture = picture.resize({ ...shrinkTo, fit: 'fill', kernel: 'cubic' })
    const { data, info } = await bytes(picture.removeAlpha(), options)
    const expected = shrinkTo ?? rect
    if (info.width !== expected.width || info.height !== expected.height) {
      throw new SkipItem(
        `decoded to ${info.width}×${info.height} px instead of ${expected.width}×${expected.height}`,
      )
    }
    return inMode(mode, data, [info.height, info.width, info.channels], probed.colours === 'cmyk')
  } catch (error) {
    throw await unreadable(error, input, probed.format)
  }
}

function bytes(picture: Sharp, { timeout }: ReadOptions) {
  return picture.timeout({ seconds: timeout }).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
}

/** A second pipeline over what the first one makes. */
async function again(picture: Sharp, options: ReadOptions): Promise<Sharp> {
  const { data, info } = await bytes(picture, options)
  const { width, height, channels } = info
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: options.maxPixels })
}

function inMode(
  mode: 'RGB' | 'L',
  data: Buffer,
  [h, w, c]: readonly [number, number, number],
  isCmyk: boolean,
): NdArray<'uint8'> {
  const x = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const wanted = mode === 'L' ? 1 : 3
  if (!isCmyk && c === wanted) return ndArray('uint8', [h, w, c], x)
  const n = h * w
  const y = new Uint8Array(n * wanted)
  for (let i = 0; i < n; i++) {
    const at = i * c
    let r = x[at]!
    let g = c < 3 ? r : x[at + 1]!
    let b = c < 3 ? r : x[at + 2]!
    if (isCmyk) {
      const black = x[at + 3]!
      r = inked(r, black)
      g = inked(g, black)
      b = inked(b, black)
    }
    if (mode === 'L') y[i] = luma(r, g, b)
    else {
      y[3 * i] = r
      y[3 * i + 1] = g
      y[3 * i + 2] = b
    }
  }
  return ndArray('uint8', [h, w, wanted], y)
}

/** One colour of a CMYK pixel: what its ink and the black leave of white. */
function inked(ink: number, black: number): number {
  const product = ink * (255 - black) + 128
  return Math.max(0, 255 - black - ((product + (product >> 8)) >> 8))
}

/** ITU-R 601 grey, in 16-bit fixed point as in Pillow. */
function luma(r: number, g: number, b: number): number {
  return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16
}
