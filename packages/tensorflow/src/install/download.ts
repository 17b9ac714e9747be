import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EspalierError } from '@espalier/data'
import type { Environment } from '../locate/cache.js'
import type { Wheel } from './artifacts.js'
import { python } from './python.js'

/** Downloads a wheel into an empty folder with pip and checks its hash; returns its path. */
export async function download(wheel: Wheel, folder: string, env: Environment): Promise<string> {
  const { name, version, platform, sha256 } = wheel
  await mkdir(folder, { recursive: true })
  const args = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input']
  const selection = ['--no-deps', '--only-binary', ':all:', '--python-version', '3.11']
  const tags = ['--implementation', 'cp', '--platform', platform]
  const target = ['--dest', folder, `${name}==${version}`]
  await python([...args, ...selection, ...tags, ...target], `downloading ${name} ${version}`, env)
  const file = (await readdir(folder)).find((f) => f.endsWith('.whl'))
  if (!file) throw new EspalierError('engine/download', `downloading ${name} ${version}: pip left no wheel`)
  const path = join(folder, file)
  const got = await hashOf(path)
  if (got === sha256) return path
  throw new EspalierError(
    'engine/hash',
    `${file} is not the file that this version of Espalier was made for: its sha256 is ${got}, not ${sha256}`,
    { fix: 'try again; if it stays so, the package index hands out another file' },
  )
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
