import { describeNumber, EspalierError } from '@espalier/data'

/** Throws unless the sizes of an encoder are such. */
export function checkSizes({
  bidir,
  ...sizes
}: Readonly<Record<'vocabSz' | 'embSz' | 'nHid' | 'nLayers', number>> & { readonly bidir: boolean }): void {
  for (const [name, value] of Object.entries(sizes)) {
    if (Number.isInteger(value) && value >= 1 && value <= 2 ** 31) continue
    throw new EspalierError('text/size', `${name} must be a whole number ≥ 1, got ${describeNumber(value)}`, {
      fix: `compare with awdLstmLmConfig: embSz 400, nHid 1152, nLayers 3`,
    })
  }
  const odd = bidir && Object.entries(sizes).find(([name, n]) => /embSz|nHid/.test(name) && n % 2 === 1)
  if (!odd) return
  throw new EspalierError('text/size', `two directions cannot share ${odd[1]} features: ${odd[0]}`, {
    fix: 'use even sizes, or bidir: false',
  })
}
