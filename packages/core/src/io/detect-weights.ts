import { EspalierError } from '@espalier/data'
import { otherFormats, whatIsRead } from './other-formats.js'
import { headerLength, maxHeader } from './safetensors-header.js'

/** The formats of weights files that are read: safetensors, and what `torch.save` writes since 1.6 and wrote before. */
export type WeightsFormat = 'safetensors' | 'torch-zip' | 'torch-legacy'

/** The most that is looked at to tell a format. */
export const detectBytes = 1024

/**
 * Tells by its first bytes, at most 1 KiB of them, what a file of weights is. Its name plays no part. Any other
 * format is refused with `weights/format` and how to convert it.
 */
export function detectWeights(file: Uint8Array): WeightsFormat {
  const head = file.subarray(0, detectBytes)
  const length = headerLength(head)
  if (length !== undefined && length <= maxHeader && head[8] === 0x7b) return 'safetensors'
  const text = String.fromCharCode(...head)
  if (isTorchLegacy(text)) return 'torch-legacy'
  // A torch archive has all its entries in one folder; those of numpy and Keras begin with a bare name.
  if (firstZipName(text).includes('/')) return 'torch-zip'
  const { what, fix } = otherFormats.find((format) => format.is(text)) ?? {
    what: 'of an unknown format',
    fix: whatIsRead,
  }
  throw new EspalierError('weights/format', `these are not weights that can be read: the file is ${what}`, {
    fix,
  })
}

/** A pickle of the number 0x1950a86a20f9469cfc6c and nothing else, with a frame from protocol 4 on. */
function isTorchLegacy(head: string): boolean {
  const number = '\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.'
  return head[0] === '\x80' && head.startsWith(number, head[2] === '\x95' ? 11 : 2)
}

/** The name of the first entry of a zip archive, as far as it lies in the first bytes. */
function firstZipName(head: string): string {
  if (!head.startsWith('PK\x03\x04')) return ''
  return head.slice(30, 30 + head.charCodeAt(26) + 256 * head.charCodeAt(27))
}
