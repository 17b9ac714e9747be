import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EspalierError } from '@espalier/data'
import { type Environment, installedEngine, librariesIn } from './cache.js'
import type { TensorflowLibraries } from './locate-tensorflow.js'
import { libraryNames } from './platform.js'

const variable = 'ESPALIER_ONEDNN'
const off = 'none'

/** A oneDNN that can be loaded. */
export interface OneDnnLibrary {
  readonly path: string
  /** Where it was found, for people. */
  readonly source: string
}

/**
 * Looks for oneDNN: the file `ESPALIER_ONEDNN` (`none`: do not use it), beside libtensorflow, in the installed
 * engine. Without it TensorFlow's own operations are used.
 */
export function locateOneDnn(
  tensorflow: TensorflowLibraries,
  env: Environment = process.env,
): OneDnnLibrary | undefined {
  const given = env[variable]
  if (given === off) return undefined
  if (given) {
    if (existsSync(given)) return { path: given, source: variable }
    throw new EspalierError('engine/not-found', `${variable} is '${given}', which does not exist`, {
      fix: `let ${variable} name the file ${libraryNames()?.oneDnn}, or set it to '${off}'`,
    })
  }
  const name = libraryNames()?.oneDnn
  if (!name) return undefined
  const folders = {
    'beside TensorFlow': dirname(tensorflow.tensorflow),
    installed: librariesIn(installedEngine(false, env)),
  }
  return Object.entries(folders)
    .map(([source, folder]) => ({ path: join(folder, name), source }))
    .find(({ path }) => existsSync(path))
}
