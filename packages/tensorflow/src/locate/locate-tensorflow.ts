import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EspalierError } from '@espalier/data'
import { type Environment, installedEngine, librariesIn } from './cache.js'
import { type LibraryNames, libraryNames } from './platform.js'

/** A libtensorflow that can be loaded. */
export interface TensorflowLibraries {
  /** The library with the C API. */
  readonly tensorflow: string
  /** The library that it needs. */
  readonly framework: string
  /** Where it was found, for people. */
  readonly source: string
}

/** Names a place to look at, and its folders; called only when the places before it had nothing. */
type Place = readonly [source: string, folders: () => readonly string[]]

const variable = 'ESPALIER_TENSORFLOW_DIR'

/**
 * Looks for libtensorflow: the folder `ESPALIER_TENSORFLOW_DIR`, the installed engine, the `tensorflow` package of
 * the Python on the path, the system's libraries, the addon of an installed tfjs-node. The first hit wins.
 */
export function locateTensorflow(env: Environment = process.env): TensorflowLibraries | undefined {
  const names = libraryNames()
  if (!names) return undefined
  const given = env[variable]
  if (given) {
    const found = inFolder(given, names, variable)
    if (found) return found
    throw new EspalierError(
      'engine/not-found',
      `${variable} is '${given}', where there is no ${names.tensorflow[0]} with ${names.framework}`,
      { fix: `let ${variable} name the folder of the two libraries, or unset it` },
    )
  }
  for (const [source, folders] of places(env)) {
    for (const folder of folders()) {
      const found = inFolder(folder, names, source)
      if (found) return found
    }
  }
  return undefined
}

function inFolder(folder: string, names: LibraryNames, source: string): TensorflowLibraries | undefined {
  const framework = join(folder, names.framework)
  const tensorflow = names.tensorflow.map((name) => join(folder, name)).find((path) => existsSync(path))
  return tensorflow && existsSync(framework) ? { tensorflow, framework, source } : undefined
}

const places = (env: Environment): readonly Place[] => [
  ['installed with GPU support', () => [librariesIn(installedEngine(true, env))]],
  ['installed', () => [librariesIn(installedEngine(false, env))]],
  ['the Python package tensorflow', () => pythonPackage(env)],
  ['the system', () => systemFolders(env)],
  ['the addon of tfjs-node', addonFolders],
]

/** The folder of the Python package, without importing it. */
function pythonPackage(env: Environment): readonly string[] {
  const script =
    'from importlib.util import find_spec; s = find_spec("tensorflow"); print(*(s.submodule_search_locations if s else ()), sep="\\n")'
  try {
    const printed = execFileSync('python3', ['-I', '-c', script], {
      env,
      timeout: 10_000,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return printed.split('\n').filter(Boolean)
  } catch {
    return []
  }
}

function systemFolders(env: Environment): readonly string[] {
  const listed = (env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean)
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  const usual = ['/usr/local/lib', `/usr/lib/${triplet}`, '/usr/lib64', '/usr/lib', '/opt/homebrew/lib']
  return [...listed, ...usual]
}

function addonFolders(): readonly string[] {
  const resolvers = [createRequire(import.meta.url), createRequire(join(process.cwd(), 'package.json'))]
  return ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'].flatMap((name) =>
    resolvers.flatMap(({ resolve }) => {
      try {
        return [join(dirname(resolve(`${name}/package.json`)), 'deps', 'lib')]
      } catch {
        return []
      }
    }),
  )
}
