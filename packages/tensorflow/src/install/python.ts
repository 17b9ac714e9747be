import { execFile } from 'node:child_process'
import { EspalierError } from '@espalier/data'
import type { Environment } from '../locate/cache.js'

/** Runs the Python on the path, without a shell; returns what it prints. `doing` begins the error. */
export function python(args: readonly string[], doing: string, env: Environment): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env, encoding: 'utf8', maxBuffer: 2 ** 24 } as const
    execFile('python3', [...args], options, (error, stdout, stderr) => {
      if (error) reject(explained(error, `${stderr}\n${stdout}`, doing))
      else resolve(stdout)
    })
  })
}

type Failure = Error & { readonly code?: string | number | null }

/** What Python and pip say when something is missing, and the way out. */
const reasons: readonly (readonly [RegExp, code: string, message: string, fix: string])[] = [
  [
    /No module named '?pip/,
    'engine/no-pip',
    'python3 has no pip',
    'install it (apt install python3-pip, or python3 -m ensurepip)',
  ],
  [
    /No space left on device|Errno 28/,
    'engine/disk',
    'the disk is full',
    'free some space, or let XDG_CACHE_HOME and TMPDIR name folders with space',
  ],
  [
    /No matching distribution|Could not find a version/,
    'engine/no-network',
    'the package index cannot be reached, or does not have the package',
    'check the network, the proxy and the index that pip uses (pip config list)',
  ],
  [
    /Connection|Network|Temporary failure|Max retries|ProxyError|SSLError|Read timed out/i,
    'engine/no-network',
    'the package index cannot be reached',
    'check the network and the proxy (HTTPS_PROXY)',
  ],
]

function explained(error: Failure, output: string, doing: string): EspalierError {
  if (error.code === 'ENOENT') {
    return new EspalierError('engine/no-python', `${doing}: there is no python3 on the PATH`, {
      fix: 'install Python 3 with pip, or let ESPALIER_TENSORFLOW_DIR name a folder with libtensorflow',
    })
  }
  const known = reasons.find(([pattern]) => pattern.test(output))
  if (known) return new EspalierError(known[1], `${doing}: ${known[2]}`, { fix: known[3], cause: error })
  const last = output.trim().split('\n').at(-1) || error.message
  return new EspalierError('engine/python', `${doing}: ${last}`, { cause: error })
}
