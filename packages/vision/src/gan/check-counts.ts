import { describeNumber, EspalierError } from '@espalier/data'

/** Throws where a size is no whole number above 0. */
export function checkCounts(where: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, n] of Object.entries(counts)) {
    if (Number.isInteger(n) && n >= 1) continue
    throw new EspalierError(
      'gan/size',
      `${where}: ${name} must be a whole number above 0, got ${describeNumber(n)}`,
      {
        fix: 'give sizes in pixels and numbers of channels',
      },
    )
  }
}
