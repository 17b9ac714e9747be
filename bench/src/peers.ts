import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { EspalierError } from '@espalier/data'
import { root } from './program.js'

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The peers: fastai on PyTorch. */
export interface Peers {
  /** The folder of their programs. */
  readonly folder: string
  /** The Python that has what they need. */
  readonly python: string
}

/** Where the peers' programs lie: the folder that `ESPALIER_PEERS` names, or `shared/peers` beside the repository. */
export function peersFolder(env: Environment = process.env): string {
  return resolve(root, env['ESPALIER_PEERS'] || '../shared/peers')
}

/** The programs, or undefined where there are none. A folder that was named must have them. */
export function findPrograms(env: Environment = process.env): string | undefined {
  const folder = peersFolder(env)
  if (existsSync(join(folder, 'bench_peer.py')) && existsSync(requirementsOf(folder))) return folder
  if (!env['ESPALIER_PEERS']) return undefined
  throw new EspalierError('bench/peers', `there are no peers in ${folder}, which ESPALIER_PEERS names`, {
    fix: 'let it name a folder with bench_peer.py and requirements.txt',
  })
}

/** What the peers need, for pip. */
export const requirementsOf = (folder: string): string => join(folder, 'requirements.txt')

/** Where their environment lies: in the user's cache, one folder for each list of requirements. */
export function environmentFolder(folder: string, env: Environment = process.env): string {
  const hash = createHash('sha256')
    .update(readFileSync(requirementsOf(folder)))
    .digest('hex')
    .slice(0, 12)
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'espalier', 'peers', hash)
}

/** The Python of an environment. */
export function pythonIn(environment: string): string {
  return join(environment, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']))
}

/** The peers, ready to run; undefined where there are none. Throws where they were not set up. */
export function findPeers(env: Environment = process.env): Peers | undefined {
  const folder = findPrograms(env)
  if (folder === undefined) return undefined
  const python = pythonIn(environmentFolder(folder, env))
  if (existsSync(python)) return { folder, python }
  throw new EspalierError('bench/set-up', `the peers in ${folder} have no Python environment yet`, {
    fix: 'pnpm bench:setup makes it; pnpm bench TASK --alone measures Espalier without them',
  })
}
