import { checkOptions, describeNumber, EspalierError } from '@espalier/data'

/** Options of what is asked for some items; a number stands for `k`. Without it `k` is 10. */
export function howMany<O extends { readonly k?: number }>(
  where: string,
  given: number | O,
  names: readonly string[],
): Partial<O> & { readonly k: number } {
  const options: { readonly k?: number } = typeof given === 'number' ? { k: given } : given
  checkOptions(where, options, names)
  const { k = 10 } = options
  if (Number.isInteger(k) && k >= 1) return { ...(options as Partial<O>), k }
  throw new EspalierError('collab/k', `${where}: k must be a whole number ≥ 1, got ${describeNumber(k)}`, {
    fix: 'say k: 10',
  })
}
