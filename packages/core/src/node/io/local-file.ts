import { type FileHandle, open, stat } from 'node:fs/promises'
import { EspalierError, reasonOf } from '@espalier/data'
import { detectBytes } from '../../io/detect-weights.js'
import { inspect } from './content-hash.js'
import { type Expected, unknownRef } from './weights-ref.js'

/** Checks a file that lies where its user put it: that it is there, of an accepted kind, and what was expected. */
export async function acceptFile(
  path: string,
  expected: Expected,
  accept: (head: Uint8Array) => unknown,
): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw unknownRef(path)
  await withFile(path, async (file) => accept(await readHead(file)))
  const state = await inspect(path, expected).catch((error: unknown) => {
    throw readError(path, error)
  })
  if (state === 'intact') return path
  throw new EspalierError(
    'weights/hash',
    `'${path}' is ${state === 'damaged' ? 'damaged' : 'another file than was expected'}`,
    {
      fix: 'remove it and fetch it again',
    },
  )
}

/** The first bytes of a file, as many as tell its format. */
export async function readHead(file: FileHandle): Promise<Uint8Array> {
  const head = new Uint8Array(detectBytes)
  const { bytesRead } = await file.read(head, 0, detectBytes, 0)
  return head.subarray(0, bytesRead)
}

/** Opens a file for reading; errors of the system and of what is in it name the file. */
export async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    const file = await open(path)
    try {
      return await use(file)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw readError(path, error)
  }
}

/** An error that names the file, with the code of what was wrong in it. */
export function readError(path: string, error: unknown): EspalierError {
  const code = error instanceof EspalierError ? error.code : 'weights/read'
  return new EspalierError(code, `cannot read '${path}': ${reasonOf(error)}`, { cause: error })
}
