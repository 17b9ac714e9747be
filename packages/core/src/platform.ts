import { EspalierError, type NdArray } from '@espalier/data'
import type { ProgressReporter } from './report/progress/progress-reporter.js'

/** What core asks of the machine it runs on. One object, so that a test can replace any part of it. */
export interface Platform {
  readonly name: string
  /** All the bytes of a file. Throws `file/read`. */
  readFile(path: string): Promise<Uint8Array>
  /**
   * Writes a file so that a crash leaves the old bytes or the new ones, never a part: a temporary file in the
   * same folder, fsync, rename, fsync of the folder. Missing folders are made. Throws `file/write`.
   */
  writeFileAtomic(path: string, bytes: Uint8Array): Promise<void>
  /** Makes a folder and those above it; one that exists is left alone. Throws `file/mkdir`. */
  mkdir(path: string): Promise<void>
  exists(path: string): Promise<boolean>
  /** The size of a file in bytes; undefined where there is none. Throws `file/read`. */
  fileSize(path: string): Promise<number | undefined>
  /** The names in a folder, sorted. Throws `file/list`. */
  listDir(path: string): Promise<readonly string[]>
  /** Removes a file, or a folder with all that is in it; a missing one is no error. Throws `file/remove`. */
  removeTree(path: string): Promise<void>
  /** Renames and makes it durable; an existing file is replaced. Throws `file/rename`. */
  rename(from: string, to: string): Promise<void>
  /** Writes a new file piece by piece as the pieces come, then fsyncs it. Throws `file/write`. */
  writePieces(path: string, pieces: Iterable<Uint8Array>): Promise<void>
  /** Writes a new file unless there is one; whether it did. Throws `file/write`. */
  createFile(path: string, bytes: Uint8Array): Promise<boolean>
  /** Adds bytes to the end of a file, which is made if there is none, and fsyncs it; its new length. Throws `file/write`. */
  appendFile(path: string, bytes: Uint8Array): Promise<number>
  /** Cuts a file back to `length` bytes and fsyncs it; the bytes it then has, 0 without a file. Throws `file/write`. */
  truncate(path: string, length: number): Promise<number>
  /** What a run card says of the machine, where it can be asked. */
  readonly machine?: MachineAccess
  /** The process that this is, where there are such. */
  readonly process?: ProcessAccess
  /** Milliseconds since 1970, never running backwards. */
  now(): number
  /** Writes to the user's terminal or log, as it is. */
  write(text: string): void
  /** How a fit shows its progress here when it is not in a notebook. */
  progress?(): ProgressReporter
  /** A document to draw plots in, where there is no global one. */
  createDocument?(): Promise<Document>
  /** Compresses pixels `[h, w, 3]`; undefined where no encoder is installed. */
  encodeImage?(pixels: NdArray<'uint8'>, format: ImageFormat): Promise<Uint8Array | undefined>
  /** Draws an SVG of `w × h` px as a PNG of `scale·w × scale·h` px. */
  svgToPng?(svg: string, scale: number): Promise<Uint8Array>
}

/** What a run that must not be lost asks of the process it lives in. */
export interface ProcessAccess {
  readonly pid: number
  readonly host: string
  /** Whether a process of this machine runs. */
  isRunning(pid: number): boolean
  /** Hears SIGINT and SIGTERM in place of their usual effect; returns how to stop. */
  onSignal(handler: (signal: EndSignal) => void): () => void
  exit(code: number): never
}

/** What a run card tells of where a run took place; nothing in it names a user or a folder of theirs. */
export interface MachineAccess {
  /** A variable of the environment. */
  env(name: string): string | undefined
  /** Kind and version of the runtime, the system and the processor. */
  describe(): Readonly<Record<string, string | number>>
  /** The versions of those of the packages that the program can import. */
  versions(packages: readonly string[]): Promise<Readonly<Record<string, string>>>
  /** The program that runs, where it lies below the folder that it was started in. */
  program(): Promise<ProgramInfo | undefined>
  /** Bytes of memory that the process holds now. */
  residentBytes(): number
}

/** A program and how it was called. */
export interface ProgramInfo {
  /** Relative to the folder that it was started in, with `/`. */
  readonly path: string
  readonly sha256: string
  /** Null for one that names a place outside that folder. */
  readonly args: readonly (string | null)[]
}

/** The signals that ask a process to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM'

/** The formats that pictures are written in. */
export type ImageFormat = 'jpeg' | 'png'

let current: Platform | undefined

/** The platform in use. Throws `platform/none` where none is installed, as in a browser. */
export function platform(): Platform {
  if (current) return current
  throw new EspalierError('platform/none', 'files cannot be read or written here', {
    fix: 'run under Node, or give setPlatform() an object that knows how',
  })
}

/** The platform in use, if there is one. */
export function installedPlatform(): Platform | undefined {
  return current
}

/** Installs a platform and returns the one before it. Importing `@espalier/core` under Node installs Node's. */
export function setPlatform(next: Platform | undefined): Platform | undefined {
  const before = current
  current = next
  return before
}
