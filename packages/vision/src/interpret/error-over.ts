import { EspalierError, type NdArray, ndArray } from '@espalier/data'
import { ignored } from '../blocks/mask-codes.js'

const wrong = [214, 40, 28] as const
const uncounted = [128, 128, 128] as const

/**
 * Where a predicted mask is wrong, over the photo: wrong pixels in red, those that do not count in grey, and what is
 * right as it is, a little paler.
 */
export function errorOver(
  photo: NdArray<'uint8'>,
  actual: NdArray<'uint8'>,
  predicted: NdArray<'uint8'>,
  ignore: ReadonlySet<number> = new Set(),
): NdArray<'uint8'> {
  const [height = 0, width = 0, channels = 1] = photo.shape
  const n = height * width
  if (actual.data.length !== n || predicted.data.length !== n) {
    throw new EspalierError(
      'picture/mask',
      `masks [${actual.shape}] and [${predicted.shape}] cannot be shown over a picture [${photo.shape}]`,
      { fix: 'all need the same height and width' },
    )
  }
  const rgb = new Uint8Array(3 * n)
  for (let i = 0; i < n; i++) {
    const is = actual.data[i]!
    const skipped = is === ignored || ignore.has(is)
    const [color, share] = skipped
      ? [uncounted, 0.75]
      : is === predicted.data[i]
        ? [[255, 255, 255], 0.25]
        : [wrong, 0.75]
    for (let c = 0; c < 3; c++) {
      const under = photo.data[i * channels + Math.min(c, channels - 1)]!
      rgb[3 * i + c] = Math.round(under + (color[c]! - under) * share)
    }
  }
  return ndArray('uint8', [height, width, 3], rgb, 'image')
}
