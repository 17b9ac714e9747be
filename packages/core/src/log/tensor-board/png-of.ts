import type { NdArray } from '@espalier/data'
import { platform } from '../../platform.js'
import { encodePng } from '../../report/encode-png.js'
import type { Figure } from '../../report/figure.js'
import { toRgb } from '../../report/pixels.js'

/** A figure, or pixels `[h, w]`, `[h, w, 1]`, `[h, w, 3]` or `[h, w, 4]`. */
export type Picture = Figure | NdArray<'uint8'>

/** A picture as the bytes of a PNG. */
export async function pngOf(picture: Picture): Promise<Uint8Array> {
  if ('toPNG' in picture) return picture.toPNG()
  const rgb = toRgb(picture)
  return (await platform().encodeImage?.(rgb, 'png')) ?? encodePng(rgb)
}
