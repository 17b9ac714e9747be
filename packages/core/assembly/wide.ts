/** The four numbers at an address, the lower two of them as float64. */
export function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v)
}

/** The upper two. */
export function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 1))
}

/** Adds four float32 products or numbers to four float64 sums. */
export function accumulate(sums: usize, lower: v128, upper: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), lower))
  v128.store(sums, f64x2.add(v128.load(sums, 16), upper), 16)
}
