import { relative, resolve } from 'node:path'
import { platform } from '@espalier/core'
import {
  checkOptions,
  describe,
  describeNumber,
  EspalierError,
  type NdArray,
  ndArray,
  Random,
} from '@espalier/data'
import { getImageFiles } from '@espalier/data/node'
import sharp, { type Sharp } from 'sharp'
import type { Size } from '../image/geometry.js'
import { RasterImage } from '../image/raster-image.js'
import { type ImageInput, openImage } from './open-image.js'

/** How pictures are spoilt. */
export interface CrappifyOptions {
  /** The shorter side is shrunk to so many pixels; smaller pictures stay as they are. Default 96. */
  readonly size?: number
  /** The quality of the JPEG that is made of it: a number, the range that it is drawn from, or null for no JPEG. Default [10, 70]. */
  readonly quality?: number | readonly [low: number, high: number] | null
  /**
   * Enlarges it again, bicubically, to the size that it had, so that it is cut exactly as the good one is. Default true;
   * fastai leaves it small.
   */
  readonly restore?: boolean
  /** Fixes the qualities; they depend on the picture besides. Default 42. */
  readonly seed?: number
}

/**
 * Makes poor pictures of good ones, to learn the way back (the `crappify` of fastai's course): small, with the blocks
 * of a JPEG. What becomes of a picture depends on nothing else, so every epoch sees the same.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), imageBlock()], getX: crappify({ size: 96 }), getY: (file: string) => file })
 */
export function crappify(options: CrappifyOptions = {}): (input: ImageInput) => Promise<RasterImage> {
  const { restore = true } = options
  const spoil = spoiler(options)
  return async (input) => {
    const { size, pixels, jpeg } = await spoil(input)
    if (!restore) return RasterImage.of(jpeg ? await decoded(sharp(jpeg)) : pixels)
    const small = jpeg ? sharp(jpeg) : sharpOf(pixels)
    return RasterImage.of(await decoded(small.resize({ ...size, fit: 'fill', kernel: 'cubic' })))
  }
}

/**
 * Writes a poor JPEG for every picture of a folder into another one, under the same names, and returns their paths: for
 * pictures that are read many times. They stay small.
 *
 * @example
 * await crappifyImages('pets/images', 'pets/poor', { size: 96 })
 */
export async function crappifyImages(
  from: string,
  to: string,
  options: Omit<CrappifyOptions, 'restore'> = {},
): Promise<string[]> {
  const spoil = spoiler({ quality: [10, 70], ...options })
  if (resolve(from) === resolve(to))
    throw invalid('would write over the good pictures', 'name another folder')
  const written: string[] = []
  for (const file of await getImageFiles(from)) {
    const { pixels, jpeg } = await spoil(file)
    const path = resolve(to, relative(from, file)).replace(/\.\w+$/, '.jpg')
    const bytes = jpeg ?? (await sharpOf(pixels).jpeg({ quality: 100 }).toBuffer())
    await platform().writeFileAtomic(path, new Uint8Array(bytes))
    written.push(path)
  }
  return written
}

interface Spoilt {
  /** Of the good picture. */
  readonly size: Size
  readonly pixels: NdArray<'uint8'>
  readonly jpeg: Buffer | undefined
}

function spoiler(options: CrappifyOptions): (input: ImageInput) => Promise<Spoilt> {
  checkOptions('crappify', options, ['size', 'quality', 'restore', 'seed'])
  const { size: side = 96, quality = [10, 70], seed = 42 } = options
  const [low, high] = typeof quality === 'number' ? [quality, quality] : (quality ?? [1, 1])
  if (!Number.isInteger(side) || side < 1) {
    throw invalid(`size cannot be ${describeNumber(side)}`, 'say how many pixels the shorter side keeps')
  }
  if (!(low >= 1 && low <= high && high <= 100)) {
    throw invalid(`quality cannot be ${describe(quality)}`, 'say quality: 60, or [10, 70]')
  }
  new Random(seed, 'crappify') // Says what is wrong with a seed.
  const open = openImage()
  return async (input) => {
    const picture = (await open.encode(input, {
      split: 1,
      random: new Random(seed, 'crappify'),
    })) as RasterImage
    const size = await picture.size()
    const scale = Math.min(1, side / Math.min(size.width, size.height))
    const shrunk = { width: Math.round(size.width * scale), height: Math.round(size.height * scale) }
    const pixels = await picture.resize(shrunk).pixels()
    if (quality === null) return { size, pixels, jpeg: undefined }
    const drawn = Math.round(new Random(seed, 'crappify', hashOf(pixels.data)).uniform(low, high))
    return { size, pixels, jpeg: await sharpOf(pixels).jpeg({ quality: drawn }).toBuffer() }
  }
}

function sharpOf({ data, shape }: NdArray<'uint8'>) {
  const [height, width] = shape as [number, number, number]
  return sharp(data, { raw: { width, height, channels: 3 } })
}

async function decoded(picture: Sharp): Promise<NdArray<'uint8'>> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true })
  return ndArray('uint8', [info.height, info.width, info.channels], new Uint8Array(data), 'image')
}

/** 32-bit FNV-1a. */
function hashOf(bytes: Uint8Array): number {
  let h = 0x811c9dc5
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193)
  return h >>> 0
}

function invalid(problem: string, fix: string): EspalierError {
  return new EspalierError('crappify/option', `crappify: ${problem}`, { fix })
}
