import { describeNumber, EspalierError } from '@espalier/data'

/** A number of channels times `widen`, a whole number of at least one. */
export function widened(channels: number, widen = 1): number {
  checkWiden(widen)
  return Math.max(1, Math.floor(channels * widen))
}

/** The same in steps of 8, at most a tenth below (MobileNet and its descendants). */
export function widenedBy8(channels: number, widen = 1): number {
  checkWiden(widen)
  const wanted = channels * widen
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8)
  return rounded < 0.9 * wanted ? rounded + 8 : rounded
}

function checkWiden(widen: unknown): void {
  if (typeof widen === 'number' && widen > 0 && widen <= 16) return
  throw new EspalierError('arch/widen', `widen must be a number of up to 16, got ${describeNumber(widen)}`, {
    fix: 'widen: 0.5 halves the channels',
  })
}
