/** The value, or NaN for one that has no place on an axis: Plot leaves a gap there. */
export function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : Number.NaN
}

/** From the smallest finite value to the largest, never empty: an axis needs both ends. */
export function span(values: readonly number[]): [number, number] {
  const [low, high] = extent(values) ?? [0, 1]
  const room = low === high ? Math.abs(low) / 2 || 0.5 : 0
  return [low - room, high + room]
}

/** The same for a logarithmic axis: only values above 0 count. */
export function logSpan(values: readonly number[]): [number, number] {
  const [low, high] = extent(values.filter((v) => v > 0)) ?? [1e-7, 10]
  return low === high ? [low / 10, high * 10] : [low, high]
}

function extent(values: readonly number[]): [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low <= high ? [low, high] : undefined
}

/** The powers of ten from one number to another, at most nine of them. */
export function decades([low, high]: readonly [number, number]): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9)
  const last = Math.floor(Math.log10(high) + 1e-9)
  const every = Math.max(1, Math.ceil((last - first + 1) / 9))
  const powers: number[] = []
  for (let power = first; power <= last; power += every) powers.push(Number(`1e${power}`))
  return powers
}

/** At most about `max` of the points, evenly: a screen has no more pixels. */
export function thin<T>(points: readonly T[], max: number): readonly T[] {
  const every = Math.ceil(points.length / max)
  return every <= 1 ? points : points.filter((_, i) => i % every === 0 || i === points.length - 1)
}

/** A number as a person would write it: 0.001, 2.5e-6, 12,000. */
export function shortNumber(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-4 || size >= 1e6) {
    const [digits = '', power = ''] = value.toExponential(2).split('e')
    return `${Number(digits)}e${Number(power)}`
  }
  return value.toLocaleString('en', { maximumSignificantDigits: size >= 1000 ? 6 : 3 })
}
