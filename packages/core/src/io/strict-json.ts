const maxDepth = 128

/**
 * What a JSON text holds that `JSON.parse` lets pass, or undefined: a key that one object has twice (the last
 * would win silently), a number that is not a plain natural number (`1.0`, `1e2`, `-0`) unless `anyNumber` may be
 * there, nesting beyond 128 (a parser would need memory many times the text). Takes any text, in time linear in its
 * length; whether it is JSON at all is left to `JSON.parse`.
 */
export function jsonProblem(
  text: string,
  { anyNumber = false }: { readonly anyNumber?: boolean } = {},
): 'duplicate' | 'number' | 'depth' | undefined {
  /** The keys seen in each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = []
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '"') {
      const end = endOfString(text, i)
      if (nextIs(text, end, ':')) {
        const keys = open.at(-1)
        const key = keyIn(text.slice(i, end))
        if (keys?.has(key)) return 'duplicate'
        keys?.add(key)
      }
      i = end - 1
    } else if (c === '{' || c === '[') {
      open.push(c === '{' ? new Set() : undefined)
      if (open.length > maxDepth) return 'depth'
    } else if (c === '}' || c === ']') {
      open.pop()
    } else if (c === '-' || (c >= '0' && c <= '9')) {
      const end = endOfNumber(text, i)
      if (!anyNumber && !isNatural(text, i, end)) return 'number'
      i = end - 1
    }
  }
  return undefined
}

/** One past the closing quote of the string that opens at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return Math.min(i + 1, text.length)
}

function endOfNumber(text: string, start: number): number {
  let i = start
  while (i < text.length && '+-.eE0123456789'.includes(text[i]!)) i++
  return i
}

function isNatural(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (text[i]! < '0' || text[i]! > '9') return false
  return true
}

function nextIs(text: string, at: number, wanted: string): boolean {
  let i = at
  while (i < text.length && ' \t\n\r'.includes(text[i]!)) i++
  return text[i] === wanted
}

/** The key that a quoted text stands for: `"\u0061"` and `"a"` are the same one. */
function keyIn(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted
  }
}
