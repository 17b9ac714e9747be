import { describe, EspalierError } from '@espalier/data'
import type { Draws } from '../image/windows.js'

/** A value in place of a random one (fastai's `draw`): a number, or a function that draws one for each image. */
export type Given = number | ((draws: Draws) => number)

/** What is given, or what `usual` draws. */
export function givenOr(given: Given | undefined, draws: Draws, usual: () => number): number {
  if (given === undefined) return usual()
  return typeof given === 'number' ? given : given(draws)
}

/** As it is written down: of a function the name. */
export function givenToJson<K extends string>(
  given: Readonly<Partial<Record<K, Given | undefined>>>,
): { readonly [key in K]?: number | string } {
  const entries = Object.entries(given) as [K, Given | undefined][]
  return Object.fromEntries(
    entries.flatMap(([name, v]) =>
      v === undefined ? [] : [[name, typeof v === 'number' ? v : v.name || 'function']],
    ),
  ) as { readonly [key in K]?: number | string }
}

/** Throws unless what is given is a finite number or a function. */
export function checkGiven(of: string, option: string, given: unknown): void {
  if (given === undefined || typeof given === 'function' || Number.isFinite(given)) return
  throw new EspalierError(
    'augment/draw',
    `${of}: ${option} must be a number or a function that draws one, got ${describe(given)}`,
    { fix: `leave it out for a random one, or say ${option}: (draws) => draws.uniform(0, 1)` },
  )
}
