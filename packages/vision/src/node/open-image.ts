import {
  describe,
  EspalierError,
  isNdArray,
  movable,
  type NdArray,
  ndArray,
  type Transform,
} from '@espalier/data'
import { type ImageKind, RasterImage } from '../image/raster-image.js'
import { checkChoice } from '../image/size-option.js'
import { mostChannels } from './decode-bands.js'
import { EncodedSource } from './encoded-source.js'
import { HeadCache } from './head-cache.js'
import { type Encoded, type Probed, probe } from './probe.js'

/** What a picture can be opened from: a path, the bytes of a file, or its pixels `[h, w, c]`. */
export type ImageInput = string | Uint8Array | NdArray<'uint8'> | RasterImage

/** Channels, orientation and limits of the pictures that are opened. */
export interface OpenImageOptions {
  /** Colours (default), grey, or a number of channels, which are read as they lie in the file. */
  readonly mode?: 'RGB' | 'L' | number
  /** Whether pictures are turned as their EXIF data says. Default true; fastai does not. */
  readonly orient?: boolean
  /** Larger pictures are skipped. Default 32 million. */
  readonly maxPixels?: number
  /** How long decoding one picture may take, in whole seconds. Default 8. */
  readonly timeout?: number
}

/**
 * Opens pictures without decoding them. What cannot be read throws `SkipItem` when it is needed, with the reason,
 * so that training goes on and the loader lists it. The head of a file is read once.
 */
export function openImage(
  { mode = 'RGB', orient = true, maxPixels = 32_000_000, timeout = 8 }: OpenImageOptions = {},
  kind: ImageKind = 'image',
): Transform<ImageInput, RasterImage> {
  const options = { mode, orient, maxPixels, timeout }
  if (typeof mode === 'number') checkCount('mode', mode, mostChannels)
  else checkChoice('openImage', 'mode', mode, ['RGB', 'L'])
  checkCount('maxPixels', maxPixels, Number.MAX_SAFE_INTEGER)
  checkCount('timeout', timeout, 3600)
  const heads = new HeadCache(options)
  const source = (input: Encoded) => {
    let head: Promise<Probed> | undefined
    const read = () => (typeof input === 'string' ? heads.get(input) : probe(input, options))
    return new EncodedSource(input, options, () => {
      head ??= read()
      return head
    })
  }
  const transform: Transform<ImageInput, RasterImage> = {
    name: 'openImage',
    toJSON: () => ({ ...options, kind }),
    accepts: (x) =>
      typeof x === 'string' || x instanceof Uint8Array || x instanceof RasterImage || isNdArray(x),
    encode(input) {
      if (input instanceof RasterImage) return input
      if (isNdArray(input)) return RasterImage.of(checkedPixels(input, options.mode, kind))
      return new RasterImage(source(checkedInput(input)), kind)
    },
    ...(typeof mode === 'number' && {
      show: (pixels: unknown) => ({ pixels: visible(pixels as NdArray<'uint8'>) }),
    }),
  }
  return movable(transform, '@espalier/vision', { light: true })
}

function checkCount(option: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw new EspalierError('image/option', `openImage: ${option} cannot be ${value}`, {
    fix: `a whole number from 1 to ${most}`,
  })
}

function checkedInput(input: unknown): Encoded {
  if (typeof input === 'string' || input instanceof Uint8Array) return input
  throw new EspalierError('image/input', `a picture cannot be opened from ${describe(input)}`, {
    fix: 'give a path, the bytes of a file, or pixels as a uint8 NdArray [h, w, c]',
  })
}

/** What is shown of a picture of any number of channels: the first three, or the first. */
function visible({ data, shape }: NdArray<'uint8'>): NdArray<'uint8'> {
  const [h, w, c] = shape as [number, number, number]
  const n = c < 3 ? 1 : 3
  const bytes = Uint8Array.from({ length: h * w * n }, (_, i) => data[Math.floor(i / n) * c + (i % n)]!)
  return ndArray('uint8', [h, w, n], bytes, 'image')
}

function checkedPixels(pixels: NdArray, mode: 'RGB' | 'L' | number, kind: ImageKind): NdArray<'uint8'> {
  const c = typeof mode === 'number' ? mode : mode === 'L' ? 1 : 3
  const { dtype, shape } = pixels
  if (shape.includes(0)) {
    throw new EspalierError('image/pixels', `there are no pixels in ${describe(pixels)}`, {
      fix: `leave out the items whose ${kind} is empty`,
    })
  }
  if (dtype === 'uint8' && [2, 3].includes(shape.length) && (shape[2] ?? 1) === c)
    return { ...(pixels as NdArray<'uint8'>), kind }
  throw new EspalierError('image/pixels', `pixels must be uint8 [h, w, ${c}], got ${describe(pixels)}`, {
    fix:
      c === 3
        ? 'for grey pictures use imageBlock({ grey: true }), for others imageBlock({ channels: 5 })'
        : `give ${c === 1 ? 'one number' : `${c} numbers`} per pixel`,
  })
}
