import { importsOf, packageOf, relativeTarget } from '../imports.js'
import type { Rule, Source } from '../source.js'

/** No file imports itself around a corner, in or between packages. Imports of types do not count: they are gone. */
export const hasNoCycles: Rule = (sources) => {
  const paths = new Set(sources.map((s) => s.path))
  const graph = new Map(sources.map((s) => [s.path, targetsOf(s, paths)]))
  return components(graph)
    .filter((files) => files.length > 1 || graph.get(files[0]!)!.includes(files[0]!))
    .map((files) => `${files.sort()[0]}:1: imports itself around a corner: ${files.join(' ↔ ')}`)
}

function targetsOf(source: Source, paths: ReadonlySet<string>): readonly string[] {
  return importsOf(source).flatMap(({ specifier, typeOnly, dynamic }) => {
    if (typeOnly || dynamic) return []
    const target = relativeTarget(source, specifier)
    if (target !== undefined) return paths.has(target) ? [target] : []
    const folder = `packages/${packageOf(specifier).replace('@espalier/', '')}/src`
    return [`${folder}/index.ts`, `${folder}/node/index.ts`].filter((path) => paths.has(path))
  })
}

/** The strongly connected parts of a graph (Tarjan 1972). */
function components(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.get(node)!)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next)
        low.set(node, Math.min(low.get(node)!, low.get(next)!))
      } else if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, index.get(next)!))
    }
    if (low.get(node) === index.get(node)) found.push(stack.splice(stack.indexOf(node)))
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}
