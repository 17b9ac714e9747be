import { describeNumber, EspalierError } from '@espalier/data'

/** Throws unless β is a number that is not negative. */
export function checkBeta(func: string, beta: unknown): void {
  if (typeof beta === 'number' && beta >= 0 && beta < Number.POSITIVE_INFINITY) return
  throw new EspalierError('metric/option', `${func}: beta is ${describeNumber(beta)}`, {
    fix: `give a number: ${func}(2) counts recall twice as much as precision`,
  })
}
