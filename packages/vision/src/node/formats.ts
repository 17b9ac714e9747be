/** The formats that are read; everything else is refused before a decoder sees it. */
export type ImageFormat = 'JPEG' | 'PNG' | 'GIF' | 'WebP' | 'TIFF'

/** How many bytes of a file tell its format. */
export const headerLength = 64

type Test = (text: string) => boolean

const begins =
  (...starts: readonly string[]): Test =>
  (text) =>
    starts.some((s) => text.startsWith(s))

const formats: readonly (readonly [ImageFormat, Test])[] = [
  ['JPEG', begins('\xff\xd8\xff')],
  ['PNG', begins('\x89PNG\r\n\x1a\n')],
  ['GIF', begins('GIF87a', 'GIF89a')],
  ['WebP', (text) => text.startsWith('RIFF') && text.startsWith('WEBP', 8)],
  ['TIFF', begins('II*\0', 'MM\0*', 'II+\0', 'MM\0+')],
]

/** Files that often lie among pictures under a wrong name. */
const others: readonly (readonly [string, Test])[] = [
  ['SVG is not read', (text) => /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|svg|!--|!DOCTYPE svg)/i.test(text)],
  ['a web page', (text) => /^\s*<(?:!DOCTYPE|html)/i.test(text)],
  ['PDF is not read', begins('%PDF')],
  ['a Git LFS pointer, the picture was not downloaded', begins('version https://git-lfs')],
  ['HEIC and AVIF are not read', (text) => text.startsWith('ftyp', 4)],
  ['BMP is not read', begins('BM')],
  ['a zip archive', begins('PK\x03\x04')],
]

/** The format that the first bytes of a file announce, or in words why there is none. */
export function formatOf(header: Uint8Array): { readonly format: ImageFormat } | { readonly why: string } {
  if (header.length === 0) return { why: 'empty file' }
  const text = String.fromCharCode(...header.subarray(0, headerLength))
  const format = formats.find(([, test]) => test(text))?.[0]
  if (format) return { format }
  return { why: `not an image: ${others.find(([, test]) => test(text))?.[0] ?? 'unknown format'}` }
}
