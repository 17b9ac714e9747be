// A control character (but for tab and line ends), half a surrogate pair and two others cannot stand in XML at all.
const unrepresentable = /(?![\t\n\r])\p{Cc}|\p{Surrogate}|[\ufffe\uffff]/gu

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Makes any string safe as text or as a quoted attribute, in HTML and in XML; what neither can hold becomes �. */
export function escapeMarkup(text: string): string {
  return text.replace(unrepresentable, '�').replace(/[&<>"']/g, (c) => entities[c]!)
}

/** Attributes of an element; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>

/** An element as text; attribute values are escaped, children are markup already. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeMarkup(String(value))}"`)
  const inside = children.join('')
  return inside ? `<${name}${list.join('')}>${inside}</${name}>` : `<${name}${list.join('')}/>`
}

/** `data:` address of bytes, so that a picture needs no file and no network. */
export function dataUri(type: string, bytes: Uint8Array): string {
  let binary = ''
  // In pieces: a call takes a limited number of arguments.
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  }
  return `data:${type};base64,${btoa(binary)}`
}
