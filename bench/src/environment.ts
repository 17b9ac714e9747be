import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EspalierError } from '@espalier/data'
import { type Environment, environmentFolder, pythonIn, requirementsOf } from './peers.js'
import { findPython } from './python.js'
import { runWatched } from './run-watched.js'

/** What a set-up may be told. */
export interface SetUpOptions {
  readonly env?: Environment
  readonly say?: (line: string) => void
  /** What must be importable in the end. */
  readonly check?: string
}

/**
 * Makes the Python environment of the peers in a folder; one that is there is left alone. It is built beside its
 * place and put there once it works, so that what is there is whole.
 */
export async function setUp(
  folder: string,
  { env = process.env, say = console.log, check = 'import fastai.vision.all, torch' }: SetUpOptions = {},
): Promise<string> {
  const final = environmentFolder(folder, env)
  const python = pythonIn(final)
  if (existsSync(python)) {
    say(`the environment of the peers is there: ${final}`)
    return python
  }
  const base = await findPython()
  await mkdir(dirname(final), { recursive: true })
  await removeAbandoned(final)
  const staging = `${final}.building-${process.pid}`
  const requirements = requirementsOf(folder)
  say(`making an environment for the peers with Python ${base.version}: ${final}`)
  try {
    await runWatched('python -m venv', base.command, ['-m', 'venv', staging])
    say(`installing ${await countPins(requirements)} packages and what they need: gigabytes, some minutes`)
    const pip = [
      '-m',
      'pip',
      'install',
      '--progress-bar',
      'off',
      '--disable-pip-version-check',
      '-r',
      requirements,
    ]
    await runWatched('pip', pythonIn(staging), pip, (line) => {
      const large = largeDownload(line)
      if (large !== undefined) say(`  ${large}`)
    })
    await runWatched('the check of the environment', pythonIn(staging), ['-c', check])
    await moveInto(staging, final)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  say('done: pnpm bench TASK compares with the peers')
  return python
}

/** What pip says it downloads or unpacks, where that takes a while. */
export function largeDownload(line: string): string | undefined {
  if (line.startsWith('Installing collected packages')) return 'unpacking'
  const [, file, size] = /^\s*Downloading (\S+) \((\d{3,}\.\d MB|\d+\.\d GB)\)/.exec(line) ?? []
  return file && `${basename(file)}, ${size}`
}

async function countPins(requirements: string): Promise<number> {
  return (await readFile(requirements, 'utf8')).split('\n').filter((line) => /^[^#\s]/.test(line)).length
}

/** Whoever comes second finds it done. */
async function moveInto(staging: string, final: string): Promise<void> {
  try {
    await rename(staging, final)
  } catch (cause) {
    if (existsSync(pythonIn(final))) return
    throw new EspalierError('bench/set-up', `the finished environment could not be moved to ${final}`, {
      fix: 'remove what is there, and run this again',
      cause,
    })
  }
}

/** Removes what set-ups left that were ended half-way. */
async function removeAbandoned(final: string): Promise<void> {
  for (const name of await readdir(dirname(final))) {
    const pid = /\.building-(\d+)$/.exec(name)?.[1]
    if (pid && !isRunning(Number(pid))) await rm(join(dirname(final), name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Another user's process may not be asked, but is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
