import english from './data/english.json' with { type: 'json' }

/** The longest that something may be and still be taken for an address. */
const longestUrl = 4096

/** A sign at an end of a word is looked for in so many characters; only dots may be more. */
const window = 16

const prefix = new RegExp(`^(?:${english.prefixes.join('|')})`, 'u')
const suffix = new RegExp(`(?:${english.suffixes.join('|')})$`, 'u')
/** Those signs that are dots. */
const dot = new RegExp(`(?:${english.suffixes.filter((s) => /\\\.$/.test(s)).join('|')})$`, 'u')
const infix = new RegExp(english.infixes.join('|'), 'gu')
const url = new RegExp(english.url, 'u')

/** What holds no sign. */
const plain = /^[A-Za-z0-9]+$/

/** The words that are divided as a table says, or not at all. */
export type Exceptions = ReadonlyMap<string, readonly string[]>

/** What spaCy knows of English. */
export const englishExceptions: Exceptions = new Map(Object.entries(english.exceptions))

const longestException = (exceptions: Exceptions) =>
  Math.max(0, ...[...exceptions.keys()].map((k) => k.length))
const longest = new WeakMap<Exceptions, number>()

/**
 * Divides what stands between white space, as spaCy does: signs are split off at both ends until an exception is left
 * or nothing more comes off; what remains is an exception, an address, or is divided at the signs within it.
 */
export function splitChunk(chunk: string, exceptions: Exceptions): string[] {
  if (!longest.has(exceptions)) longest.set(exceptions, longestException(exceptions))
  const most = longest.get(exceptions)!
  const exception = (from: number, to: number) =>
    to > from && to - from <= most ? exceptions.get(chunk.slice(from, to)) : undefined
  let [lo, hi] = [0, chunk.length]
  const before: string[] = []
  const behind: string[] = []
  while (lo < hi && !exception(lo, hi)) {
    const p = prefixLength(chunk, lo, hi)
    if (p > 0 && exception(lo + p, hi)) {
      before.push(chunk.slice(lo, lo + p))
      lo += p
      break
    }
    const s = suffixLength(chunk, lo + p, hi)
    if (s > 0 && exception(lo, hi - s)) {
      behind.push(chunk.slice(hi - s, hi))
      hi -= s
      break
    }
    if (p === 0 && s === 0) break
    if (p > 0) before.push(chunk.slice(lo, lo + p))
    if (s > 0) behind.push(chunk.slice(hi - s, hi))
    lo += p
    hi -= s
  }
  const rest = lo < hi ? (exception(lo, hi) ?? splitRest(chunk.slice(lo, hi))) : []
  return [...before, ...rest, ...behind.reverse()]
}

function splitRest(word: string): readonly string[] {
  if (plain.test(word) || isUrl(word)) return [word]
  const tokens: string[] = []
  let from = 0
  for (const { 0: sign, index } of word.matchAll(infix)) {
    if (index === 0) continue
    if (index > from) tokens.push(word.slice(from, index))
    tokens.push(sign)
    from = index + sign.length
  }
  if (from < word.length) tokens.push(word.slice(from))
  return tokens
}

/** An address has a dot in it: most words need no look at the pattern. */
function isUrl(word: string): boolean {
  return word.length <= longestUrl && word.includes('.') && url.test(word)
}

/** How long the sign is that begins a word. What can be told from its first letters needs no look at the pattern. */
export function prefixLength(chunk: string, lo: number, hi: number): number {
  if (hi - lo >= 2 && chunk.startsWith('..', lo)) {
    let at = lo
    while (at < hi && chunk[at] === '.') at++
    return at - lo
  }
  const head = chunk.slice(lo, Math.min(hi, lo + window))
  // Of what begins with a plain letter or number only currencies are signs: US$.
  if (isPlain(head.charCodeAt(0)) && !head.includes('$')) return 0
  return prefix.exec(head)?.[0].length ?? 0
}

/** How long the sign is that ends a word. */
export function suffixLength(chunk: string, lo: number, hi: number): number {
  if (hi - lo >= 2 && chunk[hi - 1] === '.' && chunk[hi - 2] === '.') {
    let at = hi
    while (at > lo && chunk[at - 1] === '.') at--
    return hi - at
  }
  const tail = chunk.slice(Math.max(lo, hi - window), hi)
  const last = tail.charCodeAt(tail.length - 1)
  // Only units, behind numbers, and the 's of a genitive end with a plain letter.
  if (isPlain(last) && !/[0-9'’]/.test(tail)) return 0
  if (',:;!?()[]{}"*&#'.includes(tail.at(-1) ?? ' ')) return 1
  return (last === 46 ? dot : suffix).exec(tail)?.[0].length ?? 0
}

function isPlain(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57)
}

/** Whether a sign comes off an end of a word, or lies within it. */
export function hasSigns(word: string): boolean {
  return prefix.test(word) || suffix.test(word) || word.match(infix) !== null
}
