import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { EspalierError, reasonOf } from '@espalier/data'
import { detectBytes } from '../../io/detect-weights.js'
import { hasHash } from './content-hash.js'
import { type Hop, shownUrl } from './follow.js'
import type { Patience } from './patience.js'
import type { Expected } from './weights-ref.js'

/** How far a download is. */
export interface DownloadProgress {
  readonly url: string
  /** In bytes. */
  readonly received: number
  /** In bytes, where it is known. */
  readonly total: number | undefined
}

/** When a download is taken and when it is given up. */
export interface DownloadRules {
  /** The most bytes that are taken when the size is not known before. */
  readonly maxBytes: number
  /** Throws when the first bytes are not those of the wanted kind of file. */
  readonly accept: (head: Uint8Array) => unknown
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
}

/**
 * Writes an answer's body to a new file, synced to disk: complete, of the expected length and hash, and of an
 * accepted kind. Gives its SHA-256. Otherwise the file is removed and a `weights/…` error says what was wrong.
 */
export async function download(
  { url, response }: Hop,
  path: string,
  expected: Expected & { readonly git?: string },
  patience: Patience,
  rules: DownloadRules,
): Promise<string> {
  const size = sizeOf(url, response, expected.size, rules.maxBytes)
  try {
    const sha256 = await receive(url, chunksOf(response, patience), path, size, rules)
    const wrong =
      (expected.sha256 ?? sha256) !== sha256
        ? expected.sha256
        : expected.git && !(await hasHash(path, expected.git))
          ? expected.git
          : undefined
    if (wrong === undefined) return sha256
    throw new EspalierError(
      'weights/hash',
      `${shownUrl(url)} sent a file with the SHA-256 ${sha256}, expected one with ${wrong}; nothing was kept`,
      { fix: changed },
    )
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Writes the chunks, as they come, to a new file. */
async function receive(
  url: URL,
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  size: number | undefined,
  { maxBytes, accept, onProgress }: DownloadRules,
): Promise<string> {
  const limit = size ?? maxBytes
  const hash = createHash('sha256')
  const head = new Uint8Array(Math.min(limit, detectBytes))
  let received = 0
  const file = await onDisk(path, () => open(path, 'wx'))
  try {
    for await (const chunk of chunks) {
      const before = received
      received += chunk.length
      if (received > limit) throw wrongSize(url, 'sent more than', limit, size)
      if (before < head.length) head.set(chunk.subarray(0, head.length - before), before)
      // As early as can be: a page of 5 GB is not fetched to its end.
      if (before < head.length && received >= head.length) check(url, accept, head)
      hash.update(chunk)
      await onDisk(path, () => writeAll(file, chunk))
      onProgress?.({ url: shownUrl(url), received, total: size })
    }
    if (size !== undefined && received !== size) throw wrongSize(url, 'ended after', received, size)
    if (received < head.length || received === 0) check(url, accept, head.subarray(0, received))
    await onDisk(path, () => file.sync())
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}

/** How many bytes must come, as far as it is known: what is expected and what the server announces must agree. */
function sizeOf(
  url: URL,
  response: Response,
  expected: number | undefined,
  maxBytes: number,
): number | undefined {
  const announced = announcedSize(response)
  if (announced !== undefined && announced !== (expected ?? announced)) {
    throw wrongSize(url, 'announces', announced, expected)
  }
  const size = expected ?? announced
  if (size !== undefined && size > maxBytes) throw wrongSize(url, 'announces', size, maxBytes)
  return size
}

/** The length that the server promises; a packed body's length says nothing of the file. */
function announcedSize({ headers }: Response): number | undefined {
  const length = headers.get('content-length')
  const packing = headers.get('content-encoding') ?? 'identity'
  return length !== null && /^\d+$/.test(length) && packing === 'identity' ? Number(length) : undefined
}

async function* chunksOf({ body }: Response, patience: Patience): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { value, done } = await reader.read().catch((error: unknown) => {
        throw patience.explain(error)
      })
      if (done) return
      patience.heard()
      yield value
    }
  } finally {
    // What is left is not wanted, and the connection not kept waiting.
    await reader.cancel().catch(() => undefined)
  }
}

/** A refusal of the content, with the address it came from. */
function check(url: URL, accept: DownloadRules['accept'], head: Uint8Array): void {
  try {
    accept(head)
  } catch (error) {
    const code = error instanceof EspalierError ? error.code : 'weights/format'
    throw new EspalierError(code, `${shownUrl(url)} was not kept: ${reasonOf(error)}`, { cause: error })
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
}

async function onDisk<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw diskError(path, error)
  }
}

/** For a cache that cannot be written. */
export function diskError(path: string, error: unknown): EspalierError {
  return new EspalierError('weights/disk', `cannot write '${path}': ${reasonOf(error)}`, {
    fix: 'free some space, or set HF_HOME or XDG_CACHE_HOME to a folder that can be written',
    cause: error,
  })
}

const changed = 'try again; if it stays so, the file has changed or something on the way changes it'

function wrongSize(url: URL, does: string, got: number, wanted: number | undefined): EspalierError {
  const limit = wanted === undefined ? 'which is more than maxBytes allows' : `expected ${wanted}`
  return new EspalierError(
    'weights/size',
    `${shownUrl(url)} ${does} ${got} bytes, ${limit}; nothing was kept`,
    {
      fix: changed,
    },
  )
}
