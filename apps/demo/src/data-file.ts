import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const shared = fileURLToPath(new URL('../../../../shared/data', import.meta.url))

/** A file of data that is not bundled: in the folder given with `--data`, or beside the repository in `shared/data`. */
export function dataFile(given: string | undefined, file: string): string {
  const path = join(given ?? shared, file)
  if (existsSync(path)) return path
  throw new Error(`the data of this demo is not here: say --data DIR, the folder that holds ${file}`)
}
