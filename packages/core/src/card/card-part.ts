import type { Json } from '@espalier/data'
import { textDigest } from './digest-of.js'
import type { CardPart } from './run-card.js'

/** Longer options are written down as a hash: vocabularies, tables. */
const longest = 1000

/** What something says of itself, fit for a card. */
export async function cardPart(name: string, options: unknown): Promise<CardPart> {
  if (options === undefined) return { name }
  const text = plainText(options)
  const short = text.length <= longest
  return {
    name,
    options: short
      ? (JSON.parse(text) as Json)
      : `${text.length} characters, sha256 ${await textDigest(text)}`,
  }
}

/** As JSON, with numbers that JSON lacks by name. */
function plainText(value: unknown): string {
  const plain = (_: string, v: unknown) =>
    typeof v === 'bigint' || (typeof v === 'number' && !Number.isFinite(v)) ? String(v) : v
  try {
    return JSON.stringify(value, plain) ?? 'null'
  } catch {
    return '"not plain data"'
  }
}
