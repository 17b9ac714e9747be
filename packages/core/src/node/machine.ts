import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { arch, availableParallelism, cpus, homedir, platform, release, totalmem } from 'node:os'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MachineAccess, ProgramInfo } from '../platform.js'

/** The folder that the process was started in: a program may go to another one later. */
const start = process.cwd()

/** The machine that Node runs on. */
export const machineAccess: MachineAccess = {
  env: (name) => process.env[name],
  describe: () => ({
    runtime: `node ${process.versions.node}`,
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() || arch(),
    cores: availableParallelism(),
    memory: totalmem(),
  }),
  async versions(packages) {
    const found = await Promise.all(packages.map(async (name) => [name, await versionOf(name)] as const))
    return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined))
  },
  program: () => programOf(process.argv),
  residentBytes: () => process.memoryUsage.rss(),
}

/** Describes the program of a command line, unless it lies outside the folder. */
export async function programOf(
  [, program, ...args]: readonly string[],
  folder = start,
): Promise<ProgramInfo | undefined> {
  const path = program === undefined ? undefined : within(folder, program)
  if (!path) return undefined
  const bytes = await readFile(join(folder, path)).catch(() => undefined)
  if (!bytes) return undefined
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { path, sha256, args: args.map((arg) => argOf(arg, folder)) }
}

/** An argument without the folders above the project; null where it is about them. */
function argOf(arg: string, folder: string): string | null {
  const [, name = '', value = ''] = /^(-[^=]*=|)(.*)$/s.exec(arg) ?? []
  if (isAbsolute(value) || value.split(/[/\\]/).includes('..')) {
    const path = within(folder, value)
    return path === undefined ? null : `${name}${path || '.'}`
  }
  const home = homedir()
  return /^(?:~|file:)/.test(value) || (home.length > 1 && arg.includes(home)) ? null : arg
}

/** A path relative to a folder, with `/`; undefined where it leads out of it. */
function within(folder: string, path: string): string | undefined {
  const short = relative(folder, resolve(folder, path))
  if (isAbsolute(short) || short.split(sep)[0] === '..') return undefined
  return short.split(sep).join('/')
}

/** The version of a package as this file or the program would find it. */
async function versionOf(name: string): Promise<string | undefined> {
  for (const from of [dirname(fileURLToPath(import.meta.url)), dirname(process.argv[1] ?? start)]) {
    for (let at = from; ; at = dirname(at)) {
      const places = [join(at, 'node_modules', name, 'package.json'), join(at, 'package.json')]
      for (const place of places.filter((p) => existsSync(p))) {
        const found = await manifestOf(place)
        if (found.name === name && typeof found.version === 'string') return found.version
      }
      if (dirname(at) === at) break
    }
  }
  return undefined
}

async function manifestOf(path: string): Promise<{ readonly name?: unknown; readonly version?: unknown }> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as { readonly name?: unknown; readonly version?: unknown }
  } catch {
    return {}
  }
}
