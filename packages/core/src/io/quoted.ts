const longest = 80

/**
 * Something that came from a file, fit to stand in a message: on one line, at most 80 characters, and without
 * characters that a terminal obeys.
 */
export function quoted(value: unknown): string {
  const text = shown(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`)
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, longest)}'`
  if (Array.isArray(value)) {
    const first = value.slice(0, longest).map((v) => (typeof v === 'object' ? '…' : shown(v)))
    return `[${first.join(', ')}]`
  }
  return typeof value === 'object' && value !== null ? '{…}' : String(value)
}
