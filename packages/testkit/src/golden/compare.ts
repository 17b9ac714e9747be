/** How far two lists of numbers are apart: the worst excess over the tolerance decides, the difference is shown. */
export interface Difference {
  readonly ok: boolean
  /** The largest |got − want|. */
  readonly largest: number
  readonly message: string
}

/** |got − want| ≤ atol + rtol·|want| for every number, NaN equal to NaN, shapes equal. */
export function compare(
  what: string,
  got: { readonly shape: readonly number[]; readonly values: ArrayLike<number> },
  want: {
    readonly shape: readonly number[]
    readonly values: ArrayLike<number>
    readonly atol: number
    readonly rtol: number
  },
): Difference {
  if (String(got.shape) !== String(want.shape)) {
    return {
      ok: false,
      largest: Number.POSITIVE_INFINITY,
      message: `${what}: shape [${got.shape}], expected [${want.shape}]`,
    }
  }
  let [largest, worst, at] = [0, 0, 0]
  for (let i = 0; i < want.values.length; i++) {
    const [g, w] = [got.values[i]!, want.values[i]!]
    if (g === w || (Number.isNaN(g) && Number.isNaN(w))) continue
    const difference = Math.abs(g - w)
    const excess = Number.isNaN(difference)
      ? Number.POSITIVE_INFINITY
      : difference / (want.atol + want.rtol * Math.abs(w))
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
    if (excess > worst) [worst, at] = [excess, i]
  }
  const message = `${what}: [${at}] is ${got.values[at]}, expected ${want.values[at]} (largest difference ${largest.toPrecision(3)})`
  return { ok: worst <= 1, largest, message }
}
