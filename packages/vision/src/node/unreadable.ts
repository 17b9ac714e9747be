import { reasonOf, SkipItem } from '@espalier/data'
import type { ImageFormat } from './formats.js'

/** Turns what a decoder or the file system threw into a short reason to leave the picture out. */
export function unreadable(error: unknown, format?: ImageFormat): SkipItem {
  if (error instanceof SkipItem) return error
  return Object.assign(new SkipItem(reason(error, format)), { cause: error })
}

function reason(error: unknown, format?: ImageFormat): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it'
  const text = reasonOf(error)
  if (/timeout: /.test(text)) return `decoding the ${format ?? 'picture'} took too long`
  if (/premature end|unexpected end|end of (?:file|image)/i.test(text)) return `truncated ${format ?? 'file'}`
  if (/read error|truncated/i.test(text)) return `truncated or damaged ${format ?? 'file'}`
  if (/^Input file is missing/.test(text)) return 'no such file'
  const detail = detailOf(text)
  return `damaged ${format ?? 'file'}${detail && `: ${detail}`}`
}

/** The first line of a decoder's message, without the names of libraries. */
function detailOf(text: string): string {
  const line = text.split('\n')[0]!
  const detail = line
    .replace(/^Input (?:file|buffer) (?:has corrupt header|contains unsupported image format):?/, '')
    .replace(/^\s*\w*vips\w*:/i, '')
    .trim()
  return detail === 'Unknown error' ? '' : detail
}
