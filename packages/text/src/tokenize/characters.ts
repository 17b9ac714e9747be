/** Whether Python counts a code unit as white space. */
export function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 9 && code <= 13) || (code >= 0x1c && code <= 0x1f)
  if (code < 0x1680) return code === 0x85 || code === 0xa0
  return (
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  )
}

const letterOrNumber = /[\p{L}\p{N}]/u

/** Whether the character at a place is a letter, a number or `_`: what Python's `\w` matches. */
export function isWordAt(text: string, at: number): boolean {
  const code = text.codePointAt(at)
  if (code === undefined) return false
  if (code < 128) {
    return (
      (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95
    )
  }
  return letterOrNumber.test(String.fromCodePoint(code))
}

/** How many code units the character at a place has: 1 or 2. */
export function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}

/** Where the white space that begins at a place ends. */
export function endOfSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}

/** Where the word, up to the next white space, that begins at a place ends. */
export function endOfWord(text: string, from: number): number {
  let at = from
  while (at < text.length && !isSpace(text.charCodeAt(at))) at++
  return at
}

/** A text without white space around it, as Python's `strip` leaves it. */
export function stripped(text: string): string {
  const from = endOfSpace(text, 0)
  let to = text.length
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

/** A text with some of its words, which white space divides, written otherwise; `f` returns undefined of those that stay. */
export function mapWords(text: string, f: (word: string) => string | undefined): string {
  let made = ''
  let kept = 0
  for (let at = endOfSpace(text, 0); at < text.length; ) {
    const end = endOfWord(text, at)
    const word = f(text.slice(at, end))
    if (word !== undefined) {
      made += text.slice(kept, at) + word
      kept = end
    }
    at = endOfSpace(text, end)
  }
  return kept === 0 ? text : made + text.slice(kept)
}
