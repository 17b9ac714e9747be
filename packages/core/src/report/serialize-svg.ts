import { type Attributes, element, escapeMarkup } from './markup.js'

/** What can run, load or change something, or holds markup of another language. */
const forbidden = new Set(['script', 'style', 'foreignObject', 'iframe', 'animate', 'set'])

/**
 * An SVG element as text that is well-formed XML whatever its labels hold. Elements that can run or load
 * something, handlers and addresses are left out: Plot makes none, so one that is there is somebody else's.
 * `attributes` replace the element's own; an undefined one is removed.
 */
export function serializeSvg(node: Element, attributes: Attributes = {}): string {
  const own = Object.fromEntries(
    Array.from(node.attributes, ({ name, value }) => [name, value] as const).filter(isHarmless),
  )
  // A link that leads nowhere is a group.
  const name = node.localName === 'a' ? 'g' : node.localName
  return element(name, { ...own, ...attributes }, ...Array.from(node.childNodes, serializeChild))
}

function serializeChild(node: Node): string {
  if (node.nodeType === 3) return escapeMarkup(node.nodeValue ?? '')
  if (node.nodeType !== 1) return ''
  const child = node as Element
  return forbidden.has(child.localName) ? '' : serializeSvg(child)
}

function isHarmless([name, value]: readonly [string, string]): boolean {
  return (
    /^[a-z][a-z0-9-]*$/i.test(name) &&
    !/^(on|href|src|class$|xmlns)/i.test(name) &&
    !/url\(\s*['"]?[^#'")\s]/i.test(value)
  )
}
