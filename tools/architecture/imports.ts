import { posix } from 'node:path'
import ts from 'typescript'
import { type Source, walk } from './source.js'

/** An import, a re-export or `import()`. */
export interface Imported {
  readonly specifier: string
  readonly node: ts.Node
  /** Gone once compiled. */
  readonly typeOnly: boolean
  /** Runs later, not while modules are loaded. */
  readonly dynamic: boolean
}

/** Everything that a file imports. */
export function importsOf(source: Source): readonly Imported[] {
  const found: Imported[] = []
  walk(source.ast, (node) => {
    const add = (name: ts.Node | undefined, typeOnly: boolean, dynamic: boolean) => {
      if (name && ts.isStringLiteralLike(name)) found.push({ specifier: name.text, node, typeOnly, dynamic })
    }
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false, false)
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, false)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true, false)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false, true)
  })
  return found
}

/** The file that a relative import means, or undefined for a package. */
export function relativeTarget(source: Source, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return posix.join(posix.dirname(source.path), specifier).replace(/\.js$/, '.ts')
}

/** The package of a specifier: `@espalier/data/node` → `@espalier/data`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
