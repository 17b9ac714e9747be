import { describe, describeNumber, EspalierError } from '@espalier/data'
import { type HyperValue, numbersIn } from './hypers.js'

/** Options with all defaults in: switches stay switches, numbers may be one, one per group, or a slice. */
type Settings<D> = { readonly [K in keyof D]: D[K] extends boolean ? boolean : HyperValue }

type Range = readonly [text: string, fits: (v: number) => boolean]

const atLeastZero: Range = ['at least 0', (v) => v >= 0]
const share: Range = ['from 0 to 1', (v) => v >= 0 && v <= 1]
const belowOne: Range = ['from 0 to below 1', (v) => v >= 0 && v < 1]

const ranges: Readonly<Record<string, Range>> = { mom: belowOne, sqrMom: belowOne, nu1: share, nu2: share }

/** The options of an optimizer with its defaults. Throws where one is unknown or out of its range, by name. */
export function settings<D extends Readonly<Record<string, number | boolean>>>(
  what: string,
  defaults: D,
  options: Partial<Settings<D>>,
): Settings<D> {
  if (typeof options !== 'object' || options === null) {
    throw wrong(`${what} takes an object of options, got ${describe(options)}`, `say ${what}({ wd: 0.01 })`)
  }
  if (Array.isArray(options)) {
    throw wrong(`${what} takes an object of options, got parameter groups`, `call it: optFunc: ${what}()`)
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (!(name in defaults)) {
      throw wrong(`${what} has no option '${name}'`, `it has ${Object.keys(defaults).join(', ')}`)
    }
    if (typeof defaults[name] === 'boolean') checkSwitch(what, name, value)
    else checkNumbers(what, name, value, String(defaults[name]))
  }
  return { ...defaults, ...Object.fromEntries(given) } as Settings<D>
}

function checkSwitch(what: string, name: string, value: unknown): void {
  if (typeof value === 'boolean') return
  throw wrong(`${what}: ${name} must be true or false, got ${describe(value)}`, `say ${name}: false`)
}

function checkNumbers(what: string, name: string, value: unknown, usual: string): void {
  const [text, fits] = ranges[name] ?? atLeastZero
  const numbers = numbersIn(value as HyperValue)
  const odd = numbers.find((v) => typeof v !== 'number' || !Number.isFinite(v) || !fits(v))
  if (odd === undefined && numbers.length > 0) return
  throw wrong(
    `${what}: ${name} must be a number ${text}, got ${numbers.length > 0 ? describeNumber(odd) : describe(value)}`,
    `leave it out for the usual value, ${usual}; for groups give a list or lrSlice`,
  )
}

function wrong(problem: string, fix: string): EspalierError {
  return new EspalierError('optim/option', problem, { fix })
}
