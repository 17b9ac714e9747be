import { existsSync, statSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { cache, type DataArchive, download, notHere, shared } from './data-folder.js'

/**
 * The path of a file of a demo, unpacked: from the folder given with `--data`, from `shared/data` beside the repository, or
 * from an address. It is unpacked once, into the user's cache.
 */
export async function unpackedFile(
  given: string | undefined,
  { file, url, sha256 }: DataArchive,
): Promise<string> {
  const name = file.replace(/\.gz$/, '')
  const plain = given === undefined ? undefined : join(given, name)
  if (plain && existsSync(plain)) return plain
  const packed = join(given ?? shared, file)
  if (existsSync(packed)) return unpacked(packed)
  const downloaded = join(cache(), name)
  if (!existsSync(downloaded)) await download(url ?? notHere(file), downloaded, sha256)
  return downloaded
}

async function unpacked(packed: string): Promise<string> {
  const path = join(cache(), `${statSync(packed).size}-${basename(packed).replace(/\.gz$/, '')}`)
  if (existsSync(path)) return path
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.${process.pid}.part`, gunzipSync(await readFile(packed)))
  await rename(`${path}.${process.pid}.part`, path)
  return path
}
