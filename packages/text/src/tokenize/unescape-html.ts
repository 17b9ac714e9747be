import { htmlEntities } from './html-entities.js'

/** A reference to a character: by number, or by a name of which fewer letters may be meant. */
const reference = /&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu

/** What browsers make of numbers from 0x80 to 0x9f: the characters of Windows-1252. */
const windows = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** Characters for their references, as HTML 5 and Python's `html.unescape` read them. */
export function unescapeHtml(text: string): string {
  return text.includes('&') ? text.replaceAll(reference, (_, name: string) => meant(name)) : text
}

function meant(name: string): string {
  if (name.startsWith('#')) return numbered(name)
  const whole = htmlEntities.get(name)
  if (whole !== undefined) return whole
  for (let n = name.length - 1; n > 1; n--) {
    const part = htmlEntities.get(name.slice(0, n))
    if (part !== undefined) return part + name.slice(n)
  }
  return `&${name}`
}

function numbered(name: string): string {
  const hex = /^#x/i.test(name)
  const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10)
  if (code === 0) return '\ufffd'
  if (code === 0x0d) return '\r'
  if (code >= 0x80 && code <= 0x9f) return windows[code - 0x80]!
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return '\ufffd'
  return isNoCharacter(code) ? '' : String.fromCodePoint(code)
}

/** Controls, and places that Unicode keeps empty. */
function isNoCharacter(code: number): boolean {
  return (
    (code >= 1 && code <= 8) ||
    code === 0x0b ||
    (code >= 0x0e && code <= 0x1f) ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0xfdd0 && code <= 0xfdef) ||
    (code & 0xfffe) === 0xfffe
  )
}
