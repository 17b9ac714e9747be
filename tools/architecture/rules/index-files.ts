import ts from 'typescript'
import { at, isPublished, type Rule, type Source } from '../source.js'

/**
 * `index.ts` only re-exports, by name. Those of a folder `node/` may also take over the neutral entry and import one
 * file for its effect: the one that installs what Node has. The umbrella takes over whole packages in the same way.
 */
export const onlyReexports: Rule = (sources) =>
  sources
    .filter((s) => isPublished(s) && s.path.endsWith('/index.ts'))
    .flatMap((source) => {
      const effects = source.ast.statements.filter((s) => ts.isImportDeclaration(s))
      return source.ast.statements
        .filter((statement) => !isAllowed(source, statement, effects))
        .map((statement) => at(source, statement, 'an index only re-exports, by name'))
    })

function isAllowed(
  { path, ast }: Source,
  statement: ts.Statement,
  effects: readonly ts.Statement[],
): boolean {
  const takenOver = path.endsWith('/node/index.ts')
    ? /^'\.\.\/index\.js'$/
    : path === 'packages/espalier/src/index.ts'
      ? /^'@espalier\/\w+(\/\w+)?'$/
      : undefined
  if (ts.isExportDeclaration(statement)) {
    if (statement.exportClause) return statement.moduleSpecifier !== undefined
    return takenOver?.test(statement.moduleSpecifier?.getText(ast) ?? '') ?? false
  }
  return (
    takenOver !== undefined &&
    ts.isImportDeclaration(statement) &&
    statement.importClause === undefined &&
    effects.length === 1
  )
}
