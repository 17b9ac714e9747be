import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * The address of a module of a package, wherever its code lies in it: `path` leads there from the folder of its sources
 * or of its build, `from` is the address of some module of the package. Undefined where the package's code was bundled
 * into a program without that module.
 */
export function ownModule(from: string, path: string): URL | undefined {
  const file = path + (from.endsWith('.ts') ? '.ts' : '.js')
  for (let folder = dirname(fileURLToPath(from)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, file))) return pathToFileURL(join(folder, file))
    if (existsSync(join(folder, 'package.json')) || folder === dirname(folder)) return undefined
  }
}
