import { describeNumber, EspalierError } from '@espalier/data'

/** Throws unless a number is a probability. */
export function checkProbability(layer: string, p: unknown): void {
  if (typeof p === 'number' && p >= 0 && p <= 1) return
  throw new EspalierError('dropout/p', `${layer}: p must be in [0, 1], got ${describeNumber(p)}`, {
    fix: 'say p: 0.5',
  })
}
