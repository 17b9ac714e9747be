import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { parse, walk } from '../architecture/source.js'
import { publishedPackages } from '../packtest/packages.js'

/** What can be imported from one specifier. */
export interface EntryPoint {
  readonly values: Readonly<Record<string, unknown>>
  /** The names that are written in its files: types are among them. */
  readonly names: ReadonlySet<string>
}

type Sources = string | Readonly<Record<string, string>>

/** Every way into a published package, by its specifier, as Node takes it and from source. */
export async function entryPoints(): Promise<ReadonlyMap<string, EntryPoint>> {
  const entries = publishedPackages().flatMap(({ name, folder }) => {
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly exports: Readonly<Record<string, { readonly 'espalier-source': Sources }>>
    }
    return Object.entries(exports).map(([path, conditions]) => {
      const sources = conditions['espalier-source']
      const files = typeof sources === 'string' ? [sources] : Object.values(sources)
      return { specifier: `${name}${path.slice(1)}`, files: files.map((file) => join(folder, file)) }
    })
  })
  const found = new Map<string, EntryPoint>()
  for (const { specifier, files } of entries) {
    const values = (await import(files[0]!)) as Readonly<Record<string, unknown>>
    found.set(specifier, { values, names: new Set(files.flatMap(exportedNames)) })
  }
  return found
}

/** The names that a file exports itself or hands on by name. */
function exportedNames(file: string): readonly string[] {
  const names: string[] = []
  walk(parse(file, readFileSync(file, 'utf8')).ast, (node) => {
    if (ts.isExportSpecifier(node)) names.push(node.name.text)
  })
  return names
}

/** Whether a name can be imported, or is a member of a class or an object that can. */
export function has({ values, names }: EntryPoint, name: string): boolean {
  const [owner = '', member] = name.split('.')
  const value = values[owner]
  if (member === undefined) return value !== undefined || names.has(owner)
  return [value, (value as { readonly prototype?: unknown } | undefined)?.prototype].some(
    (o) => o !== null && (typeof o === 'object' || typeof o === 'function') && member in o,
  )
}
