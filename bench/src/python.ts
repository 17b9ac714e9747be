import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { EspalierError } from '@espalier/data'

/** A Python on the path. */
export interface Python {
  readonly command: string
  readonly version: string
}

/** The Python that the peers' list of packages was made for comes first. */
const candidates = ['python3.11', 'python3', 'python'] as const
const oldest = [3, 11] as const

/** The first Python that is new enough. */
export async function findPython(commands: readonly string[] = candidates): Promise<Python> {
  const tooOld: string[] = []
  for (const command of commands) {
    const version = await versionOf(command)
    if (version === undefined) continue
    if (isEnough(version)) return { command, version }
    tooOld.push(`${command} is ${version}`)
  }
  throw new EspalierError(
    'bench/python',
    `no Python 3.11 or newer on the PATH${tooOld.map((t) => `; ${t}`).join('')}`,
    {
      fix: 'install Python 3.11',
    },
  )
}

async function versionOf(command: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, ['--version'])
    return /^Python (\d+\.\d+\.\d+)/.exec(stdout)?.[1]
  } catch {
    return undefined // Not there, or no Python.
  }
}

/** Whether a version is one that the peers run on. */
export function isEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major === oldest[0] && minor >= oldest[1]
}
