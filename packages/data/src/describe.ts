import { isNdArray } from './nd-array.js'

/** A short word for a value in a message. */
export function describe(x: unknown): string {
  if (isNdArray(x)) return `${x.kind ? `${x.kind} ` : ''}${x.dtype} [${x.shape}]`
  if (x === null || x === undefined) return String(x)
  if (typeof x === 'string') return shortened(`string ${JSON.stringify(x)}`)
  if (typeof x === 'function') return shortened(`function ${x.name || 'without a name'}`)
  if (typeof x !== 'object') return shortened(`${typeof x} ${String(x)}`)
  const prototype = Object.getPrototypeOf(x)
  if (Array.isArray(x) || prototype === Object.prototype) return shortened(asJson(x))
  return prototype?.constructor?.name ?? 'object'
}

/** What came where a number was expected: numbers as they are, anything else by {@link describe}. */
export function describeNumber(x: unknown): string {
  return typeof x === 'number' ? String(x) : describe(x)
}

function shortened(text: string, max = 60): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text
}

function asJson(x: object): string {
  try {
    return JSON.stringify(x)
  } catch {
    return x.constructor.name
  }
}
