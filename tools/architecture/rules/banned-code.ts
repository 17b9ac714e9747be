import ts from 'typescript'
import { at, type Rule, type Source, walk } from '../source.js'

/** No unseeded randomness, no code from strings, no `as any`. */
export const avoidsBannedCode: Rule = (sources) => sources.flatMap(bannedIn)

function bannedIn(source: Source): string[] {
  const found: string[] = []
  walk(source.ast, (node) => {
    const text = objection(node)
    if (text !== undefined) found.push(at(source, node, text))
  })
  return found
}

function objection(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && isNamed(node.expression, 'Math') && node.name.text === 'random')
    return 'Math.random is banned: take Random, which depends on a seed alone'
  if (ts.isCallExpression(node) && isNamed(node.expression, 'eval')) return 'eval is banned'
  if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && isNamed(node.expression, 'Function'))
    return 'code is not made from strings'
  if (ts.isAsExpression(node) && node.type.kind === ts.SyntaxKind.AnyKeyword) return 'as any is banned'
  return undefined
}

const isNamed = (node: ts.Node, name: string) => ts.isIdentifier(node) && node.text === name
