import ts from 'typescript'
import { at, isPublished, type Rule, type Source } from '../source.js'

/** Every exported symbol of the packages has a doc comment. */
export const documentsExports: Rule = (sources) => sources.filter(isPublished).flatMap(undocumented)

function undocumented(source: Source): string[] {
  const documented = new Set<string>()
  return source.ast.statements.flatMap((statement) => {
    if (!isExported(statement)) return []
    const names = namesOf(statement)
    const hasDoc = ts.getJSDocCommentsAndTags(statement).length > 0
    // The first of several overloads speaks for all.
    if (hasDoc) for (const name of names) documented.add(name)
    return names
      .filter((name) => !documented.has(name))
      .map((name) => at(source, statement, `${name} has no doc comment`))
  })
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some((m) => m.kind === ts.SyntaxKind.ExportKeyword)
  )
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map((d) => d.name.getText())
  const { name } = statement as ts.Statement & { readonly name?: ts.Identifier }
  return name ? [name.text] : []
}
