import ts from 'typescript'

/** A source file, parsed; `path` is relative to the repository, with forward slashes. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly ast: ts.SourceFile
}

/** Something that a rule objects to: `PATH:LINE: TEXT`. */
export type Finding = string

/** A rule of CONTRIBUTING: what it objects to in these files. */
export type Rule = (sources: readonly Source[]) => readonly Finding[]

/** Parses a file; nothing is resolved and nothing is run. */
export function parse(path: string, text: string): Source {
  return { path, text, ast: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) }
}

/** A finding at a node of a file. */
export function at(source: Source, node: ts.Node, text: string): Finding {
  const { line } = source.ast.getLineAndCharacterOfPosition(node.getStart(source.ast))
  return `${source.path}:${line + 1}: ${text}`
}

/** Visits every node of a file. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

/** Whether a file is a test or only used by tests. */
export function isTest({ path }: Pick<Source, 'path'>): boolean {
  return /\.test\.ts$/.test(path) || /^packages\/(testkit|[^/]+\/test)\//.test(path)
}

/** Whether a file is published code: the sources of the packages that are not private. */
export function isPublished(source: Source): boolean {
  return /^packages\/[^/]+\/src\//.test(source.path) && !isTest(source)
}
