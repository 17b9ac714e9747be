import { reasonOf, SkipItem } from '@espalier/data'
import { damageOf } from './damage.js'
import type { ImageFormat } from './formats.js'

/** Turns what a decoder or the file system threw into a short reason to leave the picture out. */
export async function unreadable(
  error: unknown,
  input: string | Uint8Array,
  format?: ImageFormat,
): Promise<SkipItem> {
  if (error instanceof SkipItem) return error
  return Object.assign(new SkipItem(await reason(error, input, format)), { cause: error })
}

async function reason(error: unknown, input: string | Uint8Array, format?: ImageFormat): Promise<string> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it'
  if (!format) return `cannot be read: ${reasonOf(error).split('\n')[0]}`
  if (/timeout: /.test(reasonOf(error))) return `decoding the ${format} took too long`
  try {
    const damage = await damageOf(input, format)
    return damage === 'exchanged' ? `no ${format} any more` : `${damage} ${format}`
  } catch {
    return `the ${format} went away while it was read`
  }
}
