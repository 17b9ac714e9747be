import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EspalierError } from '@espalier/data'

/** A file that comes with this package, wherever its code was bundled to. */
export function packageFile(...path: readonly string[]): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, ...path)
    if (existsSync(file)) return file
    if (folder === dirname(folder)) {
      throw new EspalierError('package/file', `the file ${path.join('/')} of @espalier/vision is missing`, {
        fix: 'install the package again',
      })
    }
  }
}
