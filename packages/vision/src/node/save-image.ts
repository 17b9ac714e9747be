import { platform } from '@espalier/core'
import { describe, EspalierError, isNdArray, type NdArray } from '@espalier/data'
import sharp from 'sharp'

const formats = ['png', 'jpg', 'jpeg', 'webp', 'tif', 'tiff'] as const

/**
 * Writes a picture to a file as its name ends, `.png` without any loss; at once or not at all. The pixels are bytes
 * `[h, w]`, `[h, w, 1]`, `[h, w, 3]` or `[h, w, 4]`.
 *
 * @example
 * const { image } = await learn.predict('old.jpg')
 * await saveImage('new.png', image)
 */
export async function saveImage(path: string, image: NdArray<'uint8'>): Promise<void> {
  const end = /\.(\w+)$/.exec(String(path))?.[1]?.toLowerCase()
  const format = formats.find((f) => f === end)
  if (!format) {
    throw new EspalierError('picture/format', `cannot save a picture as '${path}'`, {
      fix: `use a name that ends in ${formats.map((f) => `.${f}`).join(', ')}`,
    })
  }
  const { height, width, channels } = layoutOf(image)
  const raw = { width, height, channels }
  const bytes = await sharp(image.data, { raw }).toFormat(kindOf(format)).toBuffer()
  await platform().writeFileAtomic(path, new Uint8Array(bytes))
}

function kindOf(format: (typeof formats)[number]): 'png' | 'jpeg' | 'webp' | 'tiff' {
  if (format === 'jpg') return 'jpeg'
  return format === 'tif' ? 'tiff' : format
}

function layoutOf(image: unknown): { height: number; width: number; channels: 1 | 3 | 4 } {
  if (isNdArray(image) && image.dtype === 'uint8') {
    const [height = 0, width = 0, channels = 1] = image.shape
    const known = channels === 1 || channels === 3 || channels === 4
    if (height > 0 && width > 0 && known && image.shape.length <= 3) return { height, width, channels }
  }
  throw new EspalierError('picture/pixels', `a picture cannot be made of ${describe(image)}`, {
    fix: 'pixels are uint8 [h, w], [h, w, 1], [h, w, 3] or [h, w, 4]',
  })
}
