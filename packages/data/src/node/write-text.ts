import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EspalierError, reasonOf } from '../errors.js'

/** Writes a text to a file; missing folders are made. */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (cause) {
    throw new EspalierError('file/write', `cannot write '${path}': ${reasonOf(cause)}`, { cause })
  }
}
