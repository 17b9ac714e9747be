import type { Json } from '@espalier/data'
import { quoted } from '../io/quoted.js'
import { unpackCurve } from './curve.js'
import { type CardFit, type CardNumber, type CardPart, type RunCard, volatile } from './run-card.js'

/** A field that two run cards have differently; printed as `bs: 32 → 64`. */
export class CardChange {
  constructor(
    /** Where it is: `bs`, `fits[0].hypers[1].lr`, `fits[0].losses[17]`. */
    readonly field: string,
    /** Undefined where it is missing. */
    readonly from: Json | undefined,
    readonly to: Json | undefined,
  ) {}

  toString(): string {
    return `${this.field.replace(/[^\w.@/[\]-]/g, '?').slice(0, 200)}: ${shown(this.from)} → ${shown(this.to)}`
  }
}

/**
 * The fields that differ between two run cards, in the order of the cards: of curves the first step, of tables the
 * first number. What no run gives again, times, is not compared.
 *
 * @example
 * for (const change of diffCards(before, after)) console.log(`${change}`) // bs: 32 → 64
 */
export function diffCards(a: RunCard, b: RunCard): readonly CardChange[] {
  return diff('', { ...a, fits: a.fits.length }, { ...b, fits: b.fits.length }).concat(
    a.fits.flatMap((fit, i) => (b.fits[i] ? diffFits(`fits[${i}]`, fit, b.fits[i]) : [])),
  )
}

const curves = ['losses', 'lrs', 'moms'] as const

function diffFits(at: string, a: CardFit, b: CardFit): CardChange[] {
  const plain = (fit: CardFit) => ({ ...fit, losses: '', lrs: '', moms: '', rows: [] })
  return [
    ...diff(at, plain(a), plain(b)),
    ...curves.flatMap((name) =>
      firstOf(`${at}.${name}`, [...unpackCurve(a[name])], [...unpackCurve(b[name])]),
    ),
    ...a.columns.flatMap((name) => {
      const column = ({ columns, rows }: CardFit) => {
        const i = columns.indexOf(name)
        return i < 0 ? [] : rows.map((row) => row[i] ?? null)
      }
      return firstOf(`${at}.${name}`, column(a), column(b))
    }),
  ]
}

/** The first place where two lists of numbers differ, as far as both go. */
function firstOf(
  at: string,
  a: readonly (CardNumber | null)[],
  b: readonly (CardNumber | null)[],
): CardChange[] {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    if (!Object.is(a[i], b[i])) return [new CardChange(`${at}[${i}]`, a[i], b[i])]
  }
  return []
}

function diff(at: string, a: unknown, b: unknown): CardChange[] {
  if (isFields(a) && isFields(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !volatile.has(key))
    return keys.flatMap((key) => diff(at ? `${at}.${key}` : key, fieldOf(a, key), fieldOf(b, key)))
  }
  const [named, other] = [byName(a), byName(b)]
  if (named && other) {
    const order = diff(
      at,
      [...named.keys()].filter((k) => other.has(k)),
      [...other.keys()].filter((k) => named.has(k)),
    )
    return [...order, ...diff(at, Object.fromEntries(named), Object.fromEntries(other))]
  }
  if (Array.isArray(a) && Array.isArray(b) && [...a, ...b].some((v) => typeof v === 'object')) {
    const both = a.slice(0, b.length).flatMap((v, i) => diff(`${at}[${i}]`, v, b[i]))
    return a.length === b.length ? both : [new CardChange(`${at}.length`, a.length, b.length), ...both]
  }
  return JSON.stringify(a) === JSON.stringify(b)
    ? []
    : [new CardChange(at, a as Json | undefined, b as Json | undefined)]
}

/** Callbacks and transforms by their names, where no two have the same: one that was added moves no other. */
function byName(list: unknown): ReadonlyMap<string, unknown> | undefined {
  if (
    !Array.isArray(list) ||
    list.length === 0 ||
    !list.every((v) => isFields(v) && typeof v['name'] === 'string')
  ) {
    return undefined
  }
  const named = new Map(
    (list as readonly CardPart[]).map((part) => [part.name, part.options ?? 'no options']),
  )
  return named.size === list.length ? named : undefined
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldOf(fields: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
}

/** A value on a line, fit for a terminal; hashes by their beginning. */
function shown(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return `${value.slice(0, 12)}…`
  return quoted(isFields(value) ? JSON.stringify(value) : value)
}
