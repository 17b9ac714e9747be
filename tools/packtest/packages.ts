import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../../packages', import.meta.url))

/** A package that is published. */
export interface Published {
  readonly name: string
  readonly folder: string
  /** Those of the workspace that it needs, and that they need in turn. */
  readonly needs: readonly string[]
  readonly command?: string
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

/** All packages of the workspace that are not private. */
export function publishedPackages(): readonly Published[] {
  const found = readdirSync(packages).map((name) => {
    const folder = join(packages, name)
    return { folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest }
  })
  const ours = new Map(found.map(({ manifest }) => [manifest.name, manifest]))
  const needsOf = (name: string): string[] =>
    Object.keys(ours.get(name)?.dependencies ?? {})
      .filter((d) => ours.has(d))
      .flatMap((d) => [d, ...needsOf(d)])
  return found
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest: { name, bin } }) => {
      const [command] = Object.keys(bin ?? {})
      return { name, folder, needs: [...new Set(needsOf(name))], ...(command && { command }) }
    })
}
