import { accumulate, high, low } from './wide'

/** Per channel, Σ(x − shift) and Σ(x − shift)², in float64; a shift near the mean keeps the second exact. */
export function momentSums(x: usize, shift: usize, rows: i32, c: i32, sums: usize, squares: usize): void {
  memory.fill(sums, 0, (<usize>c) << 3)
  memory.fill(squares, 0, (<usize>c) << 3)
  const wide = c & ~3
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < wide; j += 4) {
      const d = f32x4.sub(v128.load(x), v128.load(shift + ((<usize>j) << 2)))
      const lower = low(d)
      const upper = high(d)
      const at = (<usize>j) << 3
      accumulate(sums + at, lower, upper)
      accumulate(squares + at, f64x2.mul(lower, lower), f64x2.mul(upper, upper))
      x += 16
    }
    for (let j = wide; j < c; j++) {
      const d: f64 = load<f32>(x) - load<f32>(shift + ((<usize>j) << 2))
      const at = (<usize>j) << 3
      store<f64>(sums + at, load<f64>(sums + at) + d)
      store<f64>(squares + at, load<f64>(squares + at) + d * d)
      x += 4
    }
  }
}

/** y = (x − mean) · scale + bias. */
export function normalize(
  x: usize,
  mean: usize,
  scale: usize,
  bias: usize,
  y: usize,
  rows: i32,
  c: i32,
): void {
  const wide = c & ~3
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < wide; j += 4) {
      const at = (<usize>j) << 2
      const d = f32x4.sub(v128.load(x), v128.load(mean + at))
      v128.store(y, f32x4.add(f32x4.mul(d, v128.load(scale + at)), v128.load(bias + at)))
      x += 16
      y += 16
    }
    for (let j = wide; j < c; j++) {
      const at = (<usize>j) << 2
      const d = load<f32>(x) - load<f32>(mean + at)
      store<f32>(y, d * load<f32>(scale + at) + load<f32>(bias + at))
      x += 4
      y += 4
    }
  }
}

/** Per channel, Σdy and Σdy·(x − mean), in float64. */
export function normGradSums(
  dy: usize,
  x: usize,
  mean: usize,
  rows: i32,
  c: i32,
  sums: usize,
  products: usize,
): void {
  memory.fill(sums, 0, (<usize>c) << 3)
  memory.fill(products, 0, (<usize>c) << 3)
  const wide = c & ~3
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < wide; j += 4) {
      const g = v128.load(dy)
      const d = f32x4.sub(v128.load(x), v128.load(mean + ((<usize>j) << 2)))
      const lower = low(g)
      const upper = high(g)
      const at = (<usize>j) << 3
      accumulate(sums + at, lower, upper)
      accumulate(products + at, f64x2.mul(lower, low(d)), f64x2.mul(upper, high(d)))
      x += 16
      dy += 16
    }
    for (let j = wide; j < c; j++) {
      const g: f64 = load<f32>(dy)
      const d: f64 = load<f32>(x) - load<f32>(mean + ((<usize>j) << 2))
      const at = (<usize>j) << 3
      store<f64>(sums + at, load<f64>(sums + at) + g)
      store<f64>(products + at, load<f64>(products + at) + g * d)
      x += 4
      dy += 4
    }
  }
}

/** dx = scale · (dy − level − (x − mean) · slope); the four vectors lie one after the other at `channels`. */
export function normGrad(dy: usize, x: usize, channels: usize, dx: usize, rows: i32, c: i32): void {
  const mean = channels
  const scale = mean + ((<usize>c) << 2)
  const level = scale + ((<usize>c) << 2)
  const slope = level + ((<usize>c) << 2)
  const wide = c & ~3
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < wide; j += 4) {
      const at = (<usize>j) << 2
      const d = f32x4.mul(f32x4.sub(v128.load(x), v128.load(mean + at)), v128.load(slope + at))
      const g = f32x4.sub(f32x4.sub(v128.load(dy), v128.load(level + at)), d)
      v128.store(dx, f32x4.mul(g, v128.load(scale + at)))
      x += 16
      dy += 16
      dx += 16
    }
    for (let j = wide; j < c; j++) {
      const at = (<usize>j) << 2
      const d = (load<f32>(x) - load<f32>(mean + at)) * load<f32>(slope + at)
      store<f32>(dx, (load<f32>(dy) - load<f32>(level + at) - d) * load<f32>(scale + at))
      x += 4
      dy += 4
      dx += 4
    }
  }
}
