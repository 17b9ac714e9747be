/** How many places of the output are gone through at a time: their numbers stay in the cache for every tile. */
const places: i32 = 512

/** Bytes of a run: address in x, address in dy, number of places. */
const runSize: usize = 12

/**
 * Filter gradient of a convolution in one group: `x` `[b, h, w, cIn]`, `dy` `[b, oh, ow, cOut]` → `out`
 * `[kh, kw, cIn, cOut]`. `runs` has room for {@link runSize} bytes for each row of 512 places.
 */
export function filterGrad(
  x: usize,
  dy: usize,
  out: usize,
  runs: usize,
  b: i32,
  h: i32,
  w: i32,
  cIn: i32,
  oh: i32,
  ow: i32,
  cOut: i32,
  kh: i32,
  kw: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  padH: i32,
  padW: i32,
): void {
  const tap = (<usize>(cIn * cOut)) << 2
  memory.fill(out, 0, <usize>(kh * kw) * tap)
  const xStep = (<usize>(strideW * cIn)) << 2
  const dyStep = (<usize>cOut) << 2
  const rows = max(1, places / ow)
  for (let from = 0; from < b * oh; from += rows) {
    const to = min(b * oh, from + rows)
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const shift = j * dilationW - padW
        const first = shift < 0 ? (strideW - 1 - shift) / strideW : 0
        const last = min(ow, (w - 1 - shift + strideW) / strideW)
        let end = runs
        if (w - 1 - shift >= 0 && first < last) {
          for (let row = from; row < to; row++) {
            const n = row / oh
            const y = (row - n * oh) * strideH + i * dilationH - padH
            if (y < 0 || y >= h) continue
            store<usize>(end, x + ((<usize>(((n * h + y) * w + first * strideW + shift) * cIn)) << 2))
            store<usize>(end, dy + <usize>(row * ow + first) * dyStep, 4)
            store<i32>(end, last - first, 8)
            end += runSize
          }
        }
        addProducts(runs, end, xStep, dyStep, cIn, cOut, out + <usize>(i * kw + j) * tap)
      }
    }
  }
}

/** out[i, j] += Σ x[i] · dy[j] over the places of the runs, tile by tile. */
function addProducts(
  runs: usize,
  end: usize,
  xStep: usize,
  dyStep: usize,
  cIn: i32,
  cOut: i32,
  out: usize,
): void {
  if (runs === end) return
  const tall = cIn & ~3
  const wide = cOut & ~7
  for (let j = 0; j < wide; j += 8) {
    const right = (<usize>j) << 2
    for (let i = 0; i < tall; i += 4) {
      tile4x8(runs, end, (<usize>i) << 2, right, xStep, dyStep, out + <usize>i * dyStep + right)
    }
    for (let i = tall; i < cIn; i++) {
      tile1x8(runs, end, (<usize>i) << 2, right, xStep, dyStep, out + <usize>i * dyStep + right)
    }
  }
  for (let i = 0; i < cIn; i++) {
    for (let j = wide; j < cOut; j++) {
      const right = (<usize>j) << 2
      tile1x1(runs, end, (<usize>i) << 2, right, xStep, dyStep, out + <usize>i * dyStep + right)
    }
  }
}

function tile4x8(
  runs: usize,
  end: usize,
  down: usize,
  right: usize,
  xStep: usize,
  dyStep: usize,
  out: usize,
): void {
  let a0 = f32x4.splat(0)
  let a1 = a0
  let b0 = a0
  let b1 = a0
  let c0 = a0
  let c1 = a0
  let d0 = a0
  let d1 = a0
  for (let run = runs; run < end; run += runSize) {
    let x = load<usize>(run) + down
    let dy = load<usize>(run, 4) + right
    const stop = dy + <usize>load<i32>(run, 8) * dyStep
    while (dy < stop) {
      const g0 = v128.load(dy)
      const g1 = v128.load(dy, 16)
      const u = v128.load_splat<f32>(x)
      a0 = f32x4.add(a0, f32x4.mul(u, g0))
      a1 = f32x4.add(a1, f32x4.mul(u, g1))
      const v = v128.load_splat<f32>(x, 4)
      b0 = f32x4.add(b0, f32x4.mul(v, g0))
      b1 = f32x4.add(b1, f32x4.mul(v, g1))
      const y = v128.load_splat<f32>(x, 8)
      c0 = f32x4.add(c0, f32x4.mul(y, g0))
      c1 = f32x4.add(c1, f32x4.mul(y, g1))
      const z = v128.load_splat<f32>(x, 12)
      d0 = f32x4.add(d0, f32x4.mul(z, g0))
      d1 = f32x4.add(d1, f32x4.mul(z, g1))
      x += xStep
      dy += dyStep
    }
  }
  addTo(out, a0, a1)
  addTo(out + dyStep, b0, b1)
  addTo(out + 2 * dyStep, c0, c1)
  addTo(out + 3 * dyStep, d0, d1)
}

function tile1x8(
  runs: usize,
  end: usize,
  down: usize,
  right: usize,
  xStep: usize,
  dyStep: usize,
  out: usize,
): void {
  let a0 = f32x4.splat(0)
  let a1 = a0
  for (let run = runs; run < end; run += runSize) {
    let x = load<usize>(run) + down
    let dy = load<usize>(run, 4) + right
    const stop = dy + <usize>load<i32>(run, 8) * dyStep
    while (dy < stop) {
      const u = v128.load_splat<f32>(x)
      a0 = f32x4.add(a0, f32x4.mul(u, v128.load(dy)))
      a1 = f32x4.add(a1, f32x4.mul(u, v128.load(dy, 16)))
      x += xStep
      dy += dyStep
    }
  }
  addTo(out, a0, a1)
}

function tile1x1(
  runs: usize,
  end: usize,
  down: usize,
  right: usize,
  xStep: usize,
  dyStep: usize,
  out: usize,
): void {
  let sum: f32 = 0
  for (let run = runs; run < end; run += runSize) {
    let x = load<usize>(run) + down
    let dy = load<usize>(run, 4) + right
    const stop = dy + <usize>load<i32>(run, 8) * dyStep
    while (dy < stop) {
      sum += load<f32>(x) * load<f32>(dy)
      x += xStep
      dy += dyStep
    }
  }
  store<f32>(out, load<f32>(out) + sum)
}

/** Adds eight numbers to those at an address. */
function addTo(out: usize, lower: v128, upper: v128): void {
  v128.store(out, f32x4.add(v128.load(out), lower))
  v128.store(out, f32x4.add(v128.load(out, 16), upper), 16)
}
