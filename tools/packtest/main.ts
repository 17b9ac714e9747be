/**
 * `pnpm packtest`: packs every package that is published, installs each alone in an empty folder outside the
 * workspace, runs and compiles the first example of its README. The last line is `N passed, N failed`.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { locateTensorflow } from '../../packages/tensorflow/src/locate/locate-tensorflow.js'
import { publishedPackages } from './packages.js'
import { cleanEnvironment, runIn } from './run.js'
import { type Tried, tryPackage } from './try-package.js'

const began = Date.now()
const native = locateTensorflow() !== undefined
const temporary = mkdtempSync(join(tmpdir(), 'espalier-pack-'))
const packages = publishedPackages()
try {
  const tarballs = await packAll()
  if (!native) console.log('no libtensorflow: the example of @espalier/tensorflow runs without it only')
  const tried = await inPairs(packages, async (published) => {
    const folder = join(temporary, published.name.replace('/', '-'))
    const results = await tryPackage(published, { folder, tarballs, native })
    for (const { what, problem } of results)
      console.log(
        `${problem === undefined ? '✓' : '✗'} ${published.name} ${what}${problem ? `\n${indented(problem)}` : ''}`,
      )
    return results
  })
  const all: readonly Tried[] = tried.flat()
  const failed = all.filter((t) => t.problem !== undefined).length
  console.log(`${packages.length} packages in ${Math.round((Date.now() - began) / 1000)} s`)
  console.log(`${all.length - failed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
} finally {
  rmSync(temporary, { recursive: true, force: true })
}

/** The packed package of each name. */
async function packAll(): Promise<ReadonlyMap<string, string>> {
  const tarballs = new Map<string, string>()
  for (const { name, folder } of packages) {
    const to = join(temporary, 'tarballs', name.replace('/', '-'))
    mkdirSync(to, { recursive: true })
    const packed = await runIn(
      folder,
      'pnpm',
      ['pack', '--json', '--pack-destination', to],
      cleanEnvironment(),
    )
    if (!packed.ok) throw new Error(`${name} cannot be packed: ${packed.problem}`)
    tarballs.set(name, (JSON.parse(packed.out) as { readonly filename: string }).filename)
  }
  return tarballs
}

/** Two at a time, the slowest first: the last packages of the list need the most. */
async function inPairs<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const left = [...items].reverse()
  const results: R[] = []
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) results.push(await run(item))
  }
  await Promise.all([worker(), worker()])
  return results
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ')
}
