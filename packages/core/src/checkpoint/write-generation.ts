import { sha256 } from '../bundle/sha256.js'
import { platform } from '../platform.js'
import { generationName } from './generation.js'
import type { CheckpointManifest, Piece } from './manifest.js'
import type { Packed } from './pack.js'

/** What the unfinished folder of a state begins with: whatever is called so was never committed. */
export const unfinished = '.writing-'

/**
 * Writes a state of a run into a folder of its own and commits it by renaming that: whoever looks sees all of it or
 * nothing. Returns its name.
 */
export async function writeGeneration(dir: string, { file, files: packed }: Packed): Promise<string> {
  const { mkdir, rename, removeTree, exists } = platform()
  const temporary = `${dir}/${unfinished}${crypto.randomUUID()}`
  try {
    await mkdir(temporary)
    const files: Record<string, readonly Piece[]> = {}
    for (const [name, pieces] of packed) files[name] = await written(`${temporary}/${name}`, pieces)
    files['state.json'] = await written(`${temporary}/state.json`, [text(file)])
    const manifest: CheckpointManifest = { format: 'espalier-manifest', files }
    const bytes = text(manifest)
    await written(`${temporary}/manifest.json`, [bytes])
    const { fit, done, run } = file
    const name = generationName(fit, run.step, done, await sha256(bytes))
    await rename(temporary, `${dir}/${name}`).catch(async (error) => {
      // The same name is the same content: somebody wrote this very state before.
      if (!(await exists(`${dir}/${name}`))) throw error
      await removeTree(temporary)
    })
    return name
  } catch (error) {
    await removeTree(temporary).catch(() => {}) // What went wrong first is the error to tell.
    throw error
  }
}

function text(json: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(json)}\n`)
}

/** Writes pieces to a new file, and says what they were. */
async function written(path: string, pieces: Iterable<Uint8Array>): Promise<readonly Piece[]> {
  const hashes: Promise<Piece>[] = []
  const hashed = function* () {
    for (const piece of pieces) {
      hashes.push(sha256(piece).then((hash) => ({ bytes: piece.length, sha256: hash })))
      yield piece
    }
  }
  await platform().writePieces(path, hashed())
  return Promise.all(hashes)
}
