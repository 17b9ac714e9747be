import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { builtIn, type Manifest } from '../manifests.js'
import { root } from '../repository.js'
import type { Finding } from '../source.js'

const permissive = new Set([
  'MIT',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'CC0-1.0',
  'Unlicense',
  'BlueOak-1.0.0',
  'Python-2.0',
])

/** Accepted all the same, and why. */
const exceptions: readonly (readonly [name: RegExp, licence: string, why: string])[] = [
  [
    /^@img\/sharp-libvips-/,
    'LGPL-3.0-or-later',
    'libvips as a shared library of its own, which users may replace; Apache-2.0 code only links to it',
  ],
]

/** Everything that is installed with the published packages has a permissive licence, or is a named exception. */
export function licencesArePermissive(manifests: readonly Manifest[]): readonly Finding[] {
  return installedWith(manifests)
    .filter((m) => !isAllowed(m))
    .map(({ name, path, license }) => `${path}:1: ${name} has the licence '${license ?? 'none'}'`)
}

/** Whether a licence will do: MIT and its like, one of several alternatives, or an exception. */
export function isAllowed({ name, license = '' }: Pick<Manifest, 'name' | 'license'>): boolean {
  if (exceptions.some(([pattern, licence]) => pattern.test(name) && licence === license)) return true
  return license
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((part) => permissive.has(part.trim())))
}

/** The manifests of all that is installed for the published packages, each version once. */
export function installedWith(manifests: readonly Manifest[]): readonly Manifest[] {
  const found = new Map<string, Manifest>()
  const visit = (name: string, from: string): void => {
    const folder = installedFolder(name, from)
    if (folder === undefined || found.has(folder)) return
    const path = join(folder, 'package.json')
    const manifest = { ...(JSON.parse(readFileSync(path, 'utf8')) as Manifest), path }
    found.set(folder, manifest)
    for (const next of dependenciesOf(manifest))
      if (!builtIn.includes(name) || builtIn.includes(next)) visit(next, folder)
  }
  for (const manifest of manifests.filter((m) => m.path.startsWith('packages/') && !m.private)) {
    const folder = dirname(join(root, manifest.path))
    for (const name of dependenciesOf(manifest)) visit(name, folder)
    for (const name of builtIn) if (manifest.devDependencies?.[name]) visit(name, folder)
  }
  return [...found.values()].filter(({ name }) => !manifests.some((m) => m.name === name))
}

const dependenciesOf = (m: Manifest) => Object.keys({ ...m.dependencies, ...m.optionalDependencies })

/** The folder of a package as Node finds it from another one's; undefined for what other platforms need. */
function installedFolder(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (folder === dirname(folder)) return undefined
  }
}
