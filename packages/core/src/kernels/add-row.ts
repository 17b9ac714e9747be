/** Adds `n` numbers times a factor to others. */
export function addRow(
  from: Float32Array,
  i: number,
  to: Float32Array,
  j: number,
  n: number,
  factor: number,
): void {
  for (let k = 0; k < n; k++) to[j + k]! += factor * from[i + k]!
}
