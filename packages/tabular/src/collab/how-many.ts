import { describeNumber, EspalierError } from '@espalier/data'

/** How many items are asked for, 10 unless it is said. */
export function howMany(where: string, k = 10): number {
  if (Number.isInteger(k) && k >= 1) return k
  throw new EspalierError('collab/k', `${where}: k must be a whole number ≥ 1, got ${describeNumber(k)}`, {
    fix: 'say k: 10',
  })
}
