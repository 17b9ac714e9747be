import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EspalierError, listed, reasonOf } from '../errors.js'

/** Which files are listed. */
export interface GetFilesOptions {
  /** With the dot, any case: `['.csv']`. Default: every file. */
  readonly extensions?: readonly string[]
  /** Default true. */
  readonly recurse?: boolean
  /** Looks only into these folders at the top. */
  readonly folders?: readonly string[]
}

/**
 * The files under `path`, in the order of their names, so that a seeded split is the same on every machine
 * (fastai's `get_files` walks in directory order). Names that begin with a dot are left out; links are followed.
 */
export async function getFiles(
  path: string,
  { extensions, recurse = true, folders }: GetFilesOptions = {},
): Promise<string[]> {
  const wanted = extensions && new Set(extensions.map((e) => e.toLowerCase()))
  const found: string[] = []
  /** `above`: the real places of the folders that `folder` lies in, itself included: a link to one leads nowhere new. */
  const visit = async (folder: string, above: readonly string[]): Promise<void> => {
    const top = above.length === 1
    const entries = await readdir(folder, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.') || (top && folders && !folders.includes(entry.name))) continue
      const file = join(folder, entry.name)
      const is = entry.isSymbolicLink() ? await stat(file).catch(() => undefined) : entry
      if (is?.isDirectory()) {
        const place = await realpath(file)
        if (recurse && !above.includes(place)) await visit(file, [...above, place])
      } else if (is?.isFile() && (!wanted || wanted.has(extensionOf(entry.name)))) {
        found.push(file)
      }
    }
  }
  try {
    await visit(path, [await realpath(path)])
  } catch (error) {
    throw new EspalierError('files/unreadable', `cannot list '${path}': ${reasonOf(error)}`, { cause: error })
  }
  if (found.length === 0 && wanted) {
    const others = await getFiles(path)
    throw new EspalierError(
      'files/none',
      `there is no ${[...wanted].slice(0, 4).join(', ')}${wanted.size > 4 ? ' …' : ''} file under '${path}'`,
      {
        fix: others.length
          ? `it holds ${others.length} other files: ${listed(others, 3)}`
          : 'the folder is empty',
      },
    )
  }
  return found
}

/** From the last dot on, in lower case; none for a name without one. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot).toLowerCase()
}

/** The picture formats that are read. */
export const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff'] as const

/** The pictures under `path`, in the order of their names (fastai's `get_image_files`). */
export function getImageFiles(
  path: string,
  options: Omit<GetFilesOptions, 'extensions'> = {},
): Promise<string[]> {
  return getFiles(path, { ...options, extensions: imageExtensions })
}
