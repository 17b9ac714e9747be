/** dx = dy where 0 < y < max, else 0. */
export function reluGrad(dy: usize, y: usize, max: f32, dx: usize, n: i32): void {
  const zero = f32x4.splat(0)
  const top = f32x4.splat(max)
  const wide = n & ~3
  for (let i = 0; i < wide; i += 4) {
    const v = v128.load(y)
    const inside = v128.and(f32x4.gt(v, zero), f32x4.lt(v, top))
    v128.store(dx, v128.and(v128.load(dy), inside))
    y += 16
    dy += 16
    dx += 16
  }
  for (let i = wide; i < n; i++) {
    const v = load<f32>(y)
    store<f32>(dx, v > 0 && v < max ? load<f32>(dy) : 0)
    y += 4
    dy += 4
    dx += 4
  }
}
