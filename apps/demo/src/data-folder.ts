import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

/** Data that is not bundled: an archive, and where it can be had. */
export interface DataArchive {
  /** The name of the file: `.tar` or `.tar.gz`. */
  readonly file: string
  /** An address to download it from. */
  readonly url?: string
  /** What its bytes hash to, in hexadecimal: a download of other bytes is refused. */
  readonly sha256?: string
}

/** Where data lies beside the repository. */
export const shared = fileURLToPath(new URL('../../../../shared/data', import.meta.url))

/**
 * The folder that holds the data of a demo: the one given with `--data`, or what an archive holds that lies there, beside
 * the repository in `shared/data`, or at an address. Archives are unpacked once, into the user's cache.
 */
export async function dataFolder(
  given: string | undefined,
  { file, url, sha256 }: DataArchive,
): Promise<string> {
  if (given !== undefined && !existsSync(join(given, file))) {
    if (existsSync(given)) return given
    throw new Error(`there is no folder '${given}'`)
  }
  const archive = join(given ?? shared, file)
  if (existsSync(archive)) return unpacked(archive)
  const downloaded = join(cache(), file)
  if (!existsSync(downloaded)) await download(url ?? notHere(file), downloaded, sha256)
  return unpacked(downloaded)
}

/** Says what to do about data that cannot be found. */
export function notHere(file: string): never {
  throw new Error(`the data of this demo is not here: say --data DIR, the folder that holds it or ${file}`)
}

/** The user's cache of what was unpacked or downloaded. */
export function cache(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'espalier', 'demo-data')
}

/** Downloads a file, at once or not at all, and compares what came with what was expected. */
export async function download(url: string, path: string, sha256?: string): Promise<void> {
  console.log(`downloading ${url}`)
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}: say --data DIR`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== undefined && hash !== sha256)
    throw new Error(`${url} gave other bytes than expected (${hash}): say --data DIR`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
}

/** Unpacks an archive beside others in the cache, at once or not at all; one that was unpacked before is kept. */
async function unpacked(archive: string): Promise<string> {
  const name = archive
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.tar(\.gz)?$/, '')
  const folder = join(cache(), `${name}-${statSync(archive).size}`)
  if (existsSync(folder)) return folder
  const fresh = `${folder}.${process.pid}.part`
  const bytes = await readFile(archive)
  for (const { path, data } of filesOf(archive.endsWith('.gz') ? gunzipSync(bytes) : bytes)) {
    const target = join(fresh, ...path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, data)
  }
  // Another process may have been faster.
  await rename(fresh, folder).catch(async (error) => {
    await rm(fresh, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  })
  return folder
}

/** The plain files of a tar; links and devices are passed over, and no path leads out of the folder. */
export function* filesOf(
  tar: Buffer,
): Generator<{ readonly path: readonly string[]; readonly data: Buffer }> {
  let longName: string | undefined
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const text = (begin: number, length: number) =>
      tar.toString('utf8', at + begin, at + begin + length).replace(/\0.*$/s, '')
    const size = Number.parseInt(text(124, 12), 8) || 0
    const type = text(156, 1)
    const data = tar.subarray(at + 512, at + 512 + size)
    const prefix = text(257, 5) === 'ustar' ? text(345, 155) : ''
    const name = longName ?? (prefix ? `${prefix}/${text(0, 100)}` : text(0, 100))
    longName = undefined
    if (type === 'L') longName = data.toString('utf8').replace(/\0.*$/s, '')
    else if (type === 'x') longName = /\d+ path=(.*)\n/.exec(data.toString('utf8'))?.[1]
    else if (type === '0' || type === '') {
      const path = name.split(/[/\\]/).filter((part) => part !== '' && part !== '.')
      if (path.includes('..') || /^[a-z]:/i.test(path[0] ?? ''))
        throw new Error(`this archive holds the path '${name}'`)
      yield { path, data }
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
}
