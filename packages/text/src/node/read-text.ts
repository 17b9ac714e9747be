import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { EspalierError, reasonOf } from '@espalier/data'

/** A text, and the SHA-256 of the file it was read from. */
export interface ReadText {
  readonly text: string
  readonly hash: string
}

/**
 * Reads a text from a file, line ends as `\n`. Bytes that are no text of its encoding are an error: a text would
 * silently be another one.
 */
export async function readText(path: string, encoding = 'utf-8'): Promise<ReadText> {
  const bytes = await bytesOf(path)
  return { text: decoded(bytes, encoding, path), hash: createHash('sha256').update(bytes).digest('hex') }
}

/** The bytes of a file. */
export async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new EspalierError('text/unreadable', `cannot read '${path}': ${reasonOf(error)}`, {
      fix: 'check the path, and whether you may read the file',
      cause: error,
    })
  }
}

function decoded(bytes: Uint8Array, encoding: string, path: string): string {
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text
  } catch (error) {
    throw new EspalierError('text/encoding', `'${path}' is no text in ${encoding}`, {
      fix: "convert the file to UTF-8, or say what it is: encoding: 'latin1'",
      cause: error,
    })
  }
}
