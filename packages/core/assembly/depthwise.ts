import { accumulate, high, low } from './wide'

/**
 * Filter gradient of a depthwise convolution, one filter per channel, tap by tap: `x` `[b, h, w, c]`, `dy`
 * `[b, oh, ow, c]` → float64 `sums` `[kh, kw, c]`.
 */
export function depthwiseFilterGrad(
  x: usize,
  dy: usize,
  sums: usize,
  b: i32,
  h: i32,
  w: i32,
  c: i32,
  oh: i32,
  ow: i32,
  kh: i32,
  kw: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  padH: i32,
  padW: i32,
): void {
  memory.fill(sums, 0, (<usize>(kh * kw * c)) << 3)
  const row = (<usize>c) << 2
  for (let n = 0; n < b; n++) {
    for (let r = 0; r < oh; r++) {
      for (let q = 0; q < ow; q++) {
        const from = dy + <usize>((n * oh + r) * ow + q) * row
        for (let i = 0; i < kh; i++) {
          const y = r * strideH + i * dilationH - padH
          if (y < 0 || y >= h) continue
          for (let j = 0; j < kw; j++) {
            const z = q * strideW + j * dilationW - padW
            if (z < 0 || z >= w) continue
            multiplyAdd(
              x + <usize>((n * h + y) * w + z) * row,
              from,
              sums + <usize>(i * kw + j) * (row << 1),
              c,
            )
          }
        }
      }
    }
  }
}

/** sums += a · b, over `n` numbers. */
function multiplyAdd(a: usize, b: usize, sums: usize, n: i32): void {
  const wide = n & ~3
  for (let i = 0; i < wide; i += 4) {
    const u = v128.load(a)
    const v = v128.load(b)
    accumulate(sums, f64x2.mul(low(u), low(v)), f64x2.mul(high(u), high(v)))
    a += 16
    b += 16
    sums += 32
  }
  for (let i = wide; i < n; i++) {
    store<f64>(sums, load<f64>(sums) + <f64>load<f32>(a) * load<f32>(b))
    a += 4
    b += 4
    sums += 8
  }
}
