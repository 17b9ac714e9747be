/** Points `[n, d]`, row after row, along the `k` directions in which they differ most (PCA by power iteration). */
export function principalAxes(points: ArrayLike<number>, d: number, k: number): number[][] {
  const n = points.length / d
  const centred = Float64Array.from(points)
  for (let j = 0; j < d; j++) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += centred[i * d + j]!
    for (let i = 0; i < n; i++) centred[i * d + j]! -= sum / n
  }
  const spread = covariance(centred, d)
  const axes = Array.from({ length: Math.min(k, d) }, () => strongest(spread, d))
  return Array.from({ length: n }, (_, i) =>
    axes.map((axis) => axis.reduce((sum, v, j) => sum + v * centred[i * d + j]!, 0)),
  )
}

function covariance(x: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d)
  for (let at = 0; at < x.length; at += d)
    for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) out[a * d + b]! += x[at + a]! * x[at + b]!
  return out
}

/** The direction of the largest eigenvalue, its largest part positive; the matrix loses it. */
function strongest(matrix: Float64Array, d: number): Float64Array {
  // No direction is likely to be exactly at a right angle to this one.
  let v = Float64Array.from({ length: d }, (_, i) => Math.sin(i + 1))
  let size = 0
  for (let step = 0; step < 300; step++) {
    const next = new Float64Array(d)
    for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) next[a]! += matrix[a * d + b]! * v[b]!
    size = Math.hypot(...next)
    if (size === 0) break
    v = next.map((x) => x / size)
  }
  const largest = v.reduce((m, x) => (Math.abs(x) > Math.abs(m) ? x : m), 0)
  if (largest < 0) v = v.map((x) => -x)
  for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) matrix[a * d + b]! -= size * v[a]! * v[b]!
  return v
}
