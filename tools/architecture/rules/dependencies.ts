import { builtinModules } from 'node:module'
import { importsOf, packageOf } from '../imports.js'
import { builtIn, type Manifest } from '../manifests.js'
import { at, type Finding, isTest, type Source } from '../source.js'

const exact = /^(workspace:\*|\d+\.\d+\.\d+(-[\w.]+)?)$/

/** Every dependency is pinned to one version. Peers may be ranges: what is there is the user's choice. */
export function pinsDependencies(manifests: readonly Manifest[]): readonly Finding[] {
  return manifests.flatMap(({ path, dependencies, devDependencies, optionalDependencies }) =>
    Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, version]) => !exact.test(version))
      .map(([name, version]) => `${path}:1: ${name} is '${version}', not one version`),
  )
}

const builtins = new Set(builtinModules)

/** What a package imports is among its dependencies; tests may also use what is installed for development. */
export function declaresImports(
  sources: readonly Source[],
  manifests: readonly Manifest[],
): readonly Finding[] {
  const root = manifests.find((m) => m.path === 'package.json')
  return sources.flatMap((source) => {
    const owner = manifests
      .filter((m) => m !== root && source.path.startsWith(m.path.replace('package.json', '')))
      .sort((a, b) => b.path.length - a.path.length)[0]
    if (!owner) return []
    const published = owner.private !== true && source.path.includes('/src/') && !isTest(source)
    const devDependencies = Object.keys({ ...owner.devDependencies, ...root?.devDependencies })
    const known = new Set([
      owner.name,
      ...Object.keys({ ...owner.dependencies, ...owner.peerDependencies }),
      ...(published ? builtIn.filter((name) => owner.devDependencies?.[name]) : devDependencies),
    ])
    return importsOf(source)
      .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .filter(({ specifier }) => !known.has(packageOf(specifier)) && !builtins.has(specifier))
      .map(({ specifier, node }) => at(source, node, `${specifier} is no dependency of ${owner.name}`))
  })
}
