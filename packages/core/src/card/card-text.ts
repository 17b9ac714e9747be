import type { Json } from '@espalier/data'
import type { RunCard } from './run-card.js'

/** The file of some cards: one as it is, several as a list in the order of their learners. */
export function cardText(cards: readonly RunCard[]): string {
  const sorted = [...cards].sort((a, b) => a.learner - b.learner)
  return `${pretty((sorted.length === 1 ? sorted[0] : sorted) as unknown as Json, '')}\n`
}

/** JSON on many lines, but lists of numbers and words on one: a row of a table is a line. */
function pretty(value: Json, indent: string): string {
  const inner = `${indent}  `
  const block = (open: string, lines: readonly string[], close: string) =>
    `${open}\n${lines.map((line) => inner + line).join(',\n')}\n${indent}${close}`
  if (Array.isArray(value) && value.some((v) => typeof v === 'object' && v !== null)) {
    return block(
      '[',
      value.map((v) => pretty(v, inner)),
      ']',
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  const fields = Object.entries(value as Readonly<Record<string, Json>>)
  if (fields.length === 0) return '{}'
  return block(
    '{',
    fields.map(([key, v]) => `${JSON.stringify(key)}: ${pretty(v, inner)}`),
    '}',
  )
}
