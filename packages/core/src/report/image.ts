import type { NdArray } from '@espalier/data'
import { installedPlatform } from '../platform.js'
import { encodePng } from './encode-png.js'
import type { Fragment } from './fragment.js'
import { dataUri, element } from './markup.js'
import { shrink } from './pixels.js'

/** Pictures up to this side, in pixels, keep every pixel sharp when they are shown larger. */
const tiny = 96

/** Pixels `[h, w, 3]` as an SVG image that fits into `side × side` px, the bytes inside it. */
export async function imageFragment(pixels: NdArray<'uint8'>, side: number): Promise<Fragment> {
  const [h = 1, w = 1] = pixels.shape
  const scale = side / Math.max(h, w)
  const [width, height] = [Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale))]
  const sharpEdges = Math.max(h, w) <= tiny
  // Twice the room it gets is enough for a screen of high density.
  const { type, bytes } = await encode(shrink(pixels, 2 * side), sharpEdges)
  const attributes = {
    width,
    height,
    href: dataUri(type, bytes),
    preserveAspectRatio: 'none',
    'image-rendering': sharpEdges ? 'pixelated' : undefined,
  }
  return { width, height, body: element('image', attributes) }
}

async function encode(pixels: NdArray<'uint8'>, lossless: boolean) {
  const bytes = lossless ? undefined : await installedPlatform()?.encodeImage?.(pixels, 'jpeg')
  if (bytes) return { type: 'image/jpeg', bytes }
  return { type: 'image/png', bytes: await encodePng(pixels) }
}
