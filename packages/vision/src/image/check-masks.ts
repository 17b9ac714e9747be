import { EspalierError } from '@espalier/data'
import type { Size } from './geometry.js'
import { RasterImage } from './raster-image.js'

/**
 * Throws where a mask is not of the shape of the picture beside it: larger or smaller is brought to its size, but one
 * that lies on its side, or was cut otherwise, would say of each pixel what another one is.
 */
export async function checkMasks(sample: readonly unknown[]): Promise<void> {
  const rasters = sample.filter((element) => element instanceof RasterImage)
  const picture = rasters.find(({ kind }) => kind === 'image')
  if (!picture) return
  for (const { kind, source } of rasters) {
    if (kind !== 'mask') continue
    const [size, of] = await Promise.all([source.size(), picture.source.size()])
    if (!sameShape(size, of)) throw otherShape(size, of)
  }
}

/** Whether one is the other at another scale, to the pixel. */
function sameShape(a: Size, b: Size): boolean {
  const off = Math.abs(a.width * b.height - a.height * b.width)
  return off <= Math.max(b.width, b.height)
}

function otherShape(mask: Size, picture: Size): EspalierError {
  const text = ({ width, height }: Size) => `${width}×${height} px`
  const turned = mask.width === picture.height && mask.height === picture.width
  return new EspalierError('mask/size', `the mask is ${text(mask)}, its picture ${text(picture)}`, {
    fix: turned
      ? 'turn one of them: pictures are turned as their EXIF data says, unless imageBlock({ orient: false })'
      : 'give the mask of this picture; it may be larger or smaller, but not of another shape',
  })
}
