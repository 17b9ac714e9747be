import type { Json } from '@espalier/data'
import { packNumbers, unpackNumbers } from '../learner/packed.js'
import { type Activation, bins } from './activation.js'

/** What was seen of some layers in some steps. */
export interface Activations {
  readonly layers: readonly string[]
  readonly steps: readonly number[]
  /** A row per step, a place per layer. */
  readonly rows: readonly (readonly (Activation | undefined)[])[]
}

/** Activations as data, exact to the last bit. */
export function packActivations({ layers, steps, rows }: Activations): Json {
  const all = rows.flat()
  const numbers = all.flatMap((a) => (a ? [a.mean, a.std, a.nearZero, ...(a.hist ?? [])] : []))
  const kinds = all.map((a) => (a ? (a.hist ? 2 : 1) : 0)).join('')
  return { layers, steps: packNumbers(steps), kinds, numbers: packNumbers(numbers) }
}

/** The activations that {@link packActivations} packed. */
export function unpackActivations(packed: Json | undefined): Activations {
  const { layers, steps, kinds, numbers } = packed as { readonly layers: string[] } & Readonly<
    Record<'steps' | 'kinds' | 'numbers', string>
  >
  const values = unpackNumbers(numbers)
  let at = 0
  const take = (n: number) => {
    at += n
    return values.slice(at - n, at)
  }
  const all = [...kinds].map((kind): Activation | undefined => {
    if (kind === '0') return undefined
    const [mean = 0, std = 0, nearZero = 0] = take(3)
    return { mean, std, nearZero, ...(kind === '2' && { hist: take(bins) }) }
  })
  const seen = unpackNumbers(steps)
  const rows = seen.map((_, i) => all.slice(i * layers.length, (i + 1) * layers.length))
  return { layers, steps: seen, rows }
}
