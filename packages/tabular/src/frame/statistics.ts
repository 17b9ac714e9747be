/** The mean of some numbers; NaN of none. */
export function meanOf(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** The standard deviation, with `n − ddof` below the line. */
export function stdOf(values: Float64Array, ddof = 0, mean = meanOf(values)): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! - mean) ** 2
  return Math.sqrt(sum / (values.length - ddof))
}

/** A quantile of sorted numbers, between two of them in proportion; NaN of none. */
export function quantile(sorted: Float64Array, q: number): number {
  const place = (sorted.length - 1) * q
  const low = Math.floor(place)
  const [a, b] = [sorted[low] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN]
  return place === low ? a : a + (b - a) * (place - low)
}

/** The numbers of a list that are there. */
export function known(values: Float64Array): Float64Array {
  return values.filter((v) => !Number.isNaN(v))
}
