import { readdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { checkOptions } from '../check-options.js'
import { describe } from '../describe.js'
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
export async function getFiles(path: string, options: GetFilesOptions = {}): Promise<string[]> {
  checkPath(path)
  checkOptions('getFiles', options, ['extensions', 'recurse', 'folders'])
  const { extensions, recurse = true, folders } = options
  checkNames('extensions', extensions, /^\../, "['.jpg', '.png']")
  checkNames('folders', folders, /./, "['train', 'valid']")
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
    throw unlistable(path, error)
  }
  if (found.length === 0 && wanted) throw await noneFound(path, wanted, folders)
  return found
}

function checkPath(path: unknown): void {
  if (typeof path === 'string' && path !== '') return
  throw new EspalierError('files/path', `a folder must be given as a path, got ${describe(path)}`, {
    fix: path instanceof URL ? 'use fileURLToPath(url)' : "say getImageFiles('pets/images')",
  })
}

function checkNames(option: string, names: unknown, form: RegExp, example: string): void {
  if (names === undefined) return
  if (Array.isArray(names) && names.every((n) => typeof n === 'string' && form.test(n))) return
  throw new EspalierError(
    'files/option',
    `getFiles: ${option} must be a list such as ${example}, got ${describe(names)}`,
  )
}

function unlistable(path: string, error: unknown): EspalierError {
  const code = (error as NodeJS.ErrnoException).code
  const from = isAbsolute(path) ? '' : `; relative paths begin at '${process.cwd()}'`
  const [reason, fix] =
    code === 'ENOENT'
      ? ['there is no such folder', `check the path${from}`]
      : code === 'ENOTDIR'
        ? ['it is a file', 'give the folder that holds it']
        : [reasonOf(error), undefined]
  return new EspalierError('files/unreadable', `cannot list '${path}': ${reason}`, {
    ...(fix !== undefined && { fix }),
    cause: error,
  })
}

async function noneFound(
  path: string,
  wanted: ReadonlySet<string>,
  folders: readonly string[] | undefined,
): Promise<EspalierError> {
  const all = await getFiles(path)
  const others = all.filter((file) => !wanted.has(extensionOf(file)))
  const kinds = `${[...wanted].slice(0, 4).join(', ')}${wanted.size > 4 ? ' …' : ''}`
  const where = folders ? ` in its folders ${listed(folders)}` : ''
  return new EspalierError('files/none', `there is no ${kinds} file under '${path}'${where}`, {
    fix:
      all.length === 0
        ? 'the folder is empty'
        : others.length < all.length
          ? `there are ${all.length - others.length} elsewhere under it: leave out folders, or recurse: false`
          : `it holds ${others.length} other files: ${listed(others, 3)}`,
  })
}

/** From the last dot of the name on, in lower case; none for a name without one. */
function extensionOf(file: string): string {
  return /\.[^./\\]*$/.exec(file)?.[0].toLowerCase() ?? ''
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

/** The texts under `path`, files that end in `.txt`, in the order of their names (fastai's `get_text_files`). */
export function getTextFiles(
  path: string,
  options: Omit<GetFilesOptions, 'extensions'> = {},
): Promise<string[]> {
  return getFiles(path, { ...options, extensions: ['.txt'] })
}
