import type { Json } from '@espalier/data'
import { sha256 } from '../bundle/sha256.js'
import { type RunCard, volatile } from './run-card.js'

/** A card without its own digest. */
export type Undigested = Omit<RunCard, 'digest'>

/** What says where a run took place, not what it was. */
const places: ReadonlySet<string> = new Set(['environment', 'versions', 'engine', 'program', 'learner'])

/** The SHA-256 of what a run must give again: of all but times and places. */
export function digestOf(card: Undigested): Promise<string> {
  const kept = Object.entries(card).filter(([key]) => !places.has(key))
  return textDigest(canonical(Object.fromEntries(kept) as Json))
}

/** The SHA-256 of a text. */
export function textDigest(text: string): Promise<string> {
  return sha256(new TextEncoder().encode(text))
}

/** The same text for the same value, whatever the order of its keys. */
function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const fields = Object.entries(value as Readonly<Record<string, Json>>)
    .filter(([key]) => !volatile.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, v]) => `${JSON.stringify(key)}:${canonical(v)}`).join(',')}}`
}
