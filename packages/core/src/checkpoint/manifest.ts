import { sha256 } from '../bundle/sha256.js'
import { damaged } from './errors.js'

/** What a checkpoint's files must be: sizes and hashes of their pieces in order. */
export interface CheckpointManifest {
  readonly format: 'espalier-manifest'
  readonly files: Readonly<Record<string, readonly Piece[]>>
}

/** A piece of a file. */
export interface Piece {
  readonly bytes: number
  readonly sha256: string
}

/** Throws `checkpoint/damaged` unless the bytes are those that were written. */
export async function checkBytes(
  path: string,
  bytes: Uint8Array,
  pieces: readonly Piece[] = [],
): Promise<void> {
  const size = pieces.reduce((sum, p) => sum + p.bytes, 0)
  if (bytes.length !== size) throw damaged(path, `it has ${bytes.length} bytes, ${size} were written`)
  let at = 0
  for (const piece of pieces) {
    const got = await sha256(bytes.subarray(at, at + piece.bytes))
    if (got !== piece.sha256) {
      throw damaged(path, `the bytes ${at} … ${at + piece.bytes - 1} are not those that were written`)
    }
    at += piece.bytes
  }
}
