import { open } from 'node:fs/promises'
import { formatOf, headerLength, type ImageFormat } from './formats.js'

/** How much of the end of a file is looked at. */
const tailLength = 1024

/**
 * What is wrong with a picture that could not be decoded, by its bytes. What libvips says cannot be used for that:
 * its messages are shared by all pictures that are being decoded.
 */
export async function damageOf(
  input: string | Uint8Array,
  format: ImageFormat,
): Promise<'truncated' | 'damaged' | 'exchanged'> {
  const ends = typeof input === 'string' ? await endsOfFile(input) : endsOf(input)
  const now = formatOf(ends.head)
  if ('why' in now || now.format !== format) return 'exchanged'
  return isCutOff(ends, format) ? 'truncated' : 'damaged'
}

function isCutOff({ head, tail, length }: Ends, format: ImageFormat): boolean {
  switch (format) {
    // In a JPEG's pixels 0xff is never followed by this; only its end is.
    case 'JPEG':
      return !tail.includes('\xff\xd9')
    case 'PNG':
      return !tail.includes('IEND')
    case 'GIF':
      return !tail.replace(/\0+$/, '').endsWith('\0;')
    case 'WebP':
      return length < 8 + [7, 6, 5, 4].reduce((size, i) => size * 256 + head[i]!, 0)
    case 'TIFF':
      return false
  }
}

interface Ends {
  readonly head: Uint8Array
  readonly tail: string
  readonly length: number
}

function endsOf(bytes: Uint8Array): Ends {
  return {
    head: bytes.subarray(0, headerLength),
    tail: String.fromCharCode(...bytes.subarray(-tailLength)),
    length: bytes.length,
  }
}

async function endsOfFile(path: string): Promise<Ends> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const read = async (from: number, length: number) => {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, Math.max(0, from))
      return buffer.subarray(0, bytesRead)
    }
    const tail = String.fromCharCode(...(await read(size - tailLength, tailLength)))
    return { head: await read(0, headerLength), tail, length: size }
  } finally {
    await file.close()
  }
}
