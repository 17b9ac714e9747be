import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { examplesOf } from '../readme/examples.js'
import { putPhotos } from '../readme/photos.js'
import { toJavaScript, typeErrors } from '../readme/type-check.js'
import type { Published } from './packages.js'
import { cleanEnvironment, type Ended, runIn } from './run.js'

/** One thing that was tried of a package. */
export interface Tried {
  readonly what: string
  readonly problem?: string
}

/** Where things lie: `folder` is empty and outside the workspace, `tarballs` by the names of packages. */
export interface Place {
  readonly folder: string
  readonly tarballs: ReadonlyMap<string, string>
  /** Whether there is a libtensorflow on this machine. */
  readonly native: boolean
}

/** Installs a package alone, as npm does it for a user, and runs and compiles the first example of its README. */
export async function tryPackage(
  published: Published,
  { folder, tarballs, native }: Place,
): Promise<readonly Tried[]> {
  const { name, needs, command } = published
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const files = [name, ...needs].map((n) => tarballs.get(n)!)
  const install = await runIn(folder, 'npm', [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    ...files,
  ])
  const tried = [result('installs alone', install)]
  if (!install.ok) return tried

  const example = examplesOf(join(published.folder, 'README.md'))[0]
  if (!example) return [...tried, { what: 'has an example', problem: 'its README has none' }]
  if (example.code.includes('pets/images')) putPhotos(folder)
  writeFileSync(join(folder, 'example.mjs'), toJavaScript(example.code))
  writeFileSync(join(folder, 'example.ts'), example.code)
  for (const [what, changes] of environments(name, folder, native)) {
    const ran = await runIn(folder, process.execPath, ['example.mjs'], cleanEnvironment(changes))
    tried.push(result(`runs its example ${what}`, ran))
  }
  tried.push({ what: 'compiles its example', ...compileProblem(folder) })
  if (command) {
    const bin = join(folder, 'node_modules/.bin', command)
    tried.push(result(`has the command ${command}`, await runIn(folder, bin, ['--version'])))
  }
  return tried
}

/** The engines that an example runs on. */
function environments(
  name: string,
  folder: string,
  native: boolean,
): readonly (readonly [what: string, changes: Readonly<Record<string, string | undefined>>])[] {
  const nowhere = join(folder, 'nowhere')
  const without = { XDG_CACHE_HOME: nowhere, ESPALIER_TENSORFLOW_DIR: undefined, ESPALIER_ONEDNN: undefined }
  if (name !== '@espalier/tensorflow') return [['on wasm', { ESPALIER_ENGINE: 'wasm', ...without }]]
  const fallback = ['without libtensorflow', { ESPALIER_ENGINE: undefined, ...without }] as const
  return native ? [['with libtensorflow', { ESPALIER_ENGINE: undefined }], fallback] : [fallback]
}

/** Errors in the example and in our declarations; those of other packages are theirs. */
function compileProblem(folder: string): { readonly problem?: string } {
  const errors = typeErrors([join(folder, 'example.ts')], { skipLibCheck: false }).filter(
    (error) => !error.includes('/node_modules/') || /\/node_modules\/(@espalier|espalier)\//.test(error),
  )
  return errors.length > 0 ? { problem: errors.slice(0, 8).join('\n') } : {}
}

function result(what: string, ended: Ended): Tried {
  return ended.ok ? { what } : { what, problem: ended.problem }
}
