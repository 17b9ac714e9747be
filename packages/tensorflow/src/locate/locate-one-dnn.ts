import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EspalierError } from '@espalier/data'
import { installedEngine, librariesIn } from './cache.js'
import type { TensorflowLibraries } from './locate-tensorflow.js'
import { libraryNames } from './platform.js'

const variable = 'ESPALIER_ONEDNN'
const off = 'none'

/**
 * Looks for oneDNN: the file `ESPALIER_ONEDNN` (`none`: do not use it), beside libtensorflow, in the installed
 * engine. Without it TensorFlow's own operations are used.
 */
export function locateOneDnn(
  tensorflow: TensorflowLibraries,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const given = env[variable]
  if (given === off) return undefined
  if (given) {
    if (existsSync(given)) return given
    throw new EspalierError('engine/not-found', `${variable} is '${given}', which does not exist`, {
      fix: `let ${variable} name the file ${libraryNames()?.oneDnn}, or set it to '${off}'`,
    })
  }
  const name = libraryNames()?.oneDnn
  if (!name) return undefined
  return [dirname(tensorflow.tensorflow), librariesIn(installedEngine(false, env))]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}
