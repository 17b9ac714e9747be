import { isNdArray } from '../nd-array.js'

/** What kind of thing a value is, for telling at which step of a pipeline it may enter: equal kinds are equal strings or classes. */
export function valueKind(x: unknown): unknown {
  if (isNdArray(x)) return `array ${x.kind ?? x.dtype} of ${x.shape.length} axes`
  if (typeof x !== 'object' || x === null) return typeof x
  return Array.isArray(x) ? 'list' : (Object.getPrototypeOf(x)?.constructor ?? Object)
}
