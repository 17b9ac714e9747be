import { EspalierError, type NdArray } from '@espalier/data'
import type { ImageFormat } from '../../platform.js'

type Sharp = typeof import('sharp').default

/** Above this, text and lines of a JPEG show no halo. */
const quality = 88
/** librsvg draws one CSS pixel as one pixel at this density. */
const density = 72

/** Pixels `[h, w, 3]` as a file; undefined when sharp is not installed. */
export async function encodeImage(
  { data, shape }: NdArray<'uint8'>,
  format: ImageFormat,
): Promise<Uint8Array | undefined> {
  const sharp = await loadSharp()
  if (!sharp) return undefined
  const [height = 0, width = 0] = shape
  const image = sharp(data, { raw: { width, height, channels: 3 } })
  return (format === 'jpeg' ? image.jpeg({ quality, chromaSubsampling: '4:4:4' }) : image.png()).toBuffer()
}

/** An SVG as a PNG on white. Throws `picture/sharp` when sharp is not installed. */
export async function svgToPng(svg: string, scale: number): Promise<Uint8Array> {
  const sharp = await loadSharp()
  if (!sharp) {
    throw new EspalierError('picture/sharp', 'a PNG cannot be drawn: the package sharp is not installed', {
      fix: 'npm install sharp, or save the figure as .svg or .html',
    })
  }
  // The SVG is our own: pictures inside it may make it longer than the limit for strangers' files.
  return sharp(new TextEncoder().encode(svg), { density: density * scale, unlimited: true })
    .flatten({ background: '#fff' })
    .png()
    .toBuffer()
}

/** sharp is an optional peer: it is looked for when the first picture is made. */
async function loadSharp(): Promise<Sharp | undefined> {
  try {
    return (await import('sharp')).default
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw new EspalierError('picture/sharp', 'the package sharp is installed but does not load', {
      fix: 'install it again on this machine: its binary belongs to one platform',
      cause: error,
    })
  }
}
