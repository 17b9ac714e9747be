import { randomUUID } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { EspalierError, reasonOf } from '@espalier/data'

/** All the bytes of a file. */
export function readFile(path: string): Promise<Uint8Array> {
  return attempt('file/read', `cannot read '${path}'`, async () => {
    try {
      return await fs.readFile(path)
    } catch (error) {
      if (!isCode(error, 'ERR_FS_FILE_TOO_LARGE')) throw error
      return readLarge(path)
    }
  })
}

/** A file of 2 GiB or more, which Node does not read at once. */
async function readLarge(path: string): Promise<Uint8Array> {
  const file = await fs.open(path, 'r')
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(size - at, most), at)
      if (bytesRead === 0) return bytes.subarray(0, at) // It was cut meanwhile.
      at += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

/** Replaces a file at once: after a crash it holds its old bytes or its new ones. */
export function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  return attempt('file/write', `cannot write '${path}'`, async () => {
    const folder = dirname(resolve(path))
    await makeFolders(folder)
    // In the same folder, because a rename is atomic within one file system only.
    const temporary = join(folder, `.${randomUUID()}.tmp`)
    try {
      await writeSynced(temporary, [bytes])
      await fs.rename(temporary, path)
    } catch (error) {
      await fs.rm(temporary, { force: true })
      throw error
    }
    await syncFolder(folder)
  })
}

/** Writes a new file piece by piece: the next piece is only made when the last one is written. */
export function writePieces(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  return attempt('file/write', `cannot write '${path}'`, () => writeSynced(path, pieces))
}

/** Writes a new file unless there is one; whether it did. */
export function createFile(path: string, bytes: Uint8Array): Promise<boolean> {
  return attempt('file/write', `cannot write '${path}'`, async () => {
    try {
      await writeSynced(path, [bytes])
      return true
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false
      throw error
    }
  })
}

/** Adds bytes to the end of a file, durably, and returns its new length. */
export function appendFile(path: string, bytes: Uint8Array): Promise<number> {
  return attempt('file/write', `cannot write '${path}'`, async () => {
    const folder = dirname(resolve(path))
    await makeFolders(folder)
    const file = await fs.open(path, 'a')
    try {
      const { size } = await file.stat()
      await writeAll(file, bytes)
      await file.sync()
      if (size === 0) await syncFolder(folder)
      return size + bytes.length
    } finally {
      await file.close()
    }
  })
}

/** Cuts a file back, durably, and returns the bytes it then has: fewer where it was shorter, 0 without a file. */
export function truncate(path: string, length: number): Promise<number> {
  return attempt('file/write', `cannot cut '${path}' back`, async () => {
    try {
      const file = await fs.open(path, 'r+')
      try {
        const { size } = await file.stat()
        if (size <= length) return size
        await file.truncate(length)
        await file.sync()
        return length
      } finally {
        await file.close()
      }
    } catch (error) {
      if (isCode(error, 'ENOENT')) return 0
      throw error
    }
  })
}

/** Makes a folder and those above it. */
export function mkdir(path: string): Promise<void> {
  return attempt('file/mkdir', `cannot make the folder '${path}'`, () => makeFolders(resolve(path)))
}

/** Whether there is a file or a folder; throws `file/read` where that cannot be told. */
export function exists(path: string): Promise<boolean> {
  return attempt('file/read', `cannot look at '${path}'`, async () => {
    try {
      await fs.stat(path)
      return true
    } catch (error) {
      if (isCode(error, 'ENOENT', 'ENOTDIR')) return false
      throw error
    }
  })
}

/** The size of a file in bytes; undefined where there is none. */
export function fileSize(path: string): Promise<number | undefined> {
  return attempt('file/read', `cannot look at '${path}'`, async () => {
    try {
      const stats = await fs.stat(path)
      return stats.isFile() ? stats.size : undefined
    } catch (error) {
      if (isCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) return undefined
      throw error
    }
  })
}

/** The names in a folder, sorted by code unit: the same on every machine. */
export function listDir(path: string): Promise<readonly string[]> {
  return attempt('file/list', `cannot list '${path}'`, async () => (await fs.readdir(path)).sort())
}

/** Removes a file or a folder with all that is in it. */
export function removeTree(path: string): Promise<void> {
  return attempt('file/remove', `cannot remove '${path}'`, () =>
    fs.rm(path, { recursive: true, force: true }),
  )
}

/** Renames, then makes the names durable on both sides. */
export function rename(from: string, to: string): Promise<void> {
  return attempt('file/rename', `cannot rename '${from}' to '${to}'`, async () => {
    await fs.rename(from, to)
    for (const folder of new Set([from, to].map((path) => dirname(resolve(path))))) await syncFolder(folder)
  })
}

/** A file of which a part cannot be written is not left behind. */
async function writeSynced(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const file = await fs.open(path, 'wx')
  try {
    await writeAndClose(file, pieces)
  } catch (error) {
    await fs.rm(path, { force: true }).catch(() => {}) // What went wrong first is the error to tell.
    throw error
  }
}

async function writeAndClose(file: fs.FileHandle, pieces: Iterable<Uint8Array>): Promise<void> {
  try {
    for (const piece of pieces) await writeAll(file, piece)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The most that is read or written at once: twice as much is too much for a single call. */
const most = 2 ** 30

/** A write may take a part only, as on a disk that is nearly full. */
async function writeAll(file: fs.FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(bytes.length - at, most))
    if (bytesWritten === 0) throw new Error(`nothing of ${bytes.length - at} bytes could be written`)
    at += bytesWritten
  }
}

async function makeFolders(folder: string): Promise<void> {
  const topmost = await fs.mkdir(folder, { recursive: true })
  if (!topmost) return
  for (let at = folder; at.length >= topmost.length; at = dirname(at)) await syncFolder(dirname(at))
}

/** A new or renamed entry survives a power cut only when its folder has been synced; Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await fs.open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    if (!isCode(error, 'EINVAL', 'ENOTSUP', 'EPERM')) throw error
  } finally {
    await handle.close()
  }
}

async function attempt<T>(code: string, what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw new EspalierError(code, `${what}: ${reasonOf(error)}`, { cause: error })
  }
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '')
}
