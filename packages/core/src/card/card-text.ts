import type { Json } from '@espalier/data'
import type { RunCard } from './run-card.js'

/** The file of some cards: one as it is, several as a list in the order of their learners. */
export function cardText(cards: readonly RunCard[]): string {
  const sorted = [...cards].sort((a, b) => a.learner - b.learner)
  return `${pretty((sorted.length === 1 ? sorted[0] : sorted) as unknown as Json, '')}\n`
}

/** What fits is on one line, and lists of numbers and words are however long: a row of a table is a line. */
const width = 100

function pretty(value: Json, indent: string): string {
  const flat = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || flat.length + indent.length <= width) return flat
  const inner = `${indent}  `
  const block = (open: string, lines: readonly string[], close: string) =>
    `${open}\n${lines.map((line) => inner + line).join(',\n')}\n${indent}${close}`
  if (Array.isArray(value)) {
    const nested = value.some((v) => typeof v === 'object' && v !== null)
    return nested
      ? block(
          '[',
          value.map((v) => pretty(v, inner)),
          ']',
        )
      : flat
  }
  const fields = Object.entries(value as Readonly<Record<string, Json>>)
  return block(
    '{',
    fields.map(([key, v]) => `${JSON.stringify(key)}: ${pretty(v, inner)}`),
    '}',
  )
}
