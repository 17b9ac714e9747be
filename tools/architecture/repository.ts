import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, type Source } from './source.js'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What is not ours, or made by a command. */
const leftOut = new Set([
  'node_modules',
  'dist',
  'out',
  'reports',
  'coverage',
  '.git',
  '.turbo',
  'pnpm-lock.yaml',
])
const binary = /\.(jpg|jpeg|png|gif|webp|tiff?|bmp|safetensors|pth|pt|ttf|gz|tar|bin|tgz)$/

/** The text files of the repository, relative to it. */
export function textFiles(folder = root): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (leftOut.has(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return textFiles(path)
    return entry.isFile() && !binary.test(entry.name) ? [relative(root, path).replaceAll('\\', '/')] : []
  })
}

/** The text of a file of the repository. */
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** All TypeScript of the repository, parsed. */
export function sources(): readonly Source[] {
  return textFiles()
    .filter((path) => path.endsWith('.ts'))
    .map((path) => parse(path, textOf(path)))
}
