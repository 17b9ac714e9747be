import { sizeOf } from '@espalier/data'

/** Reorders axes: axis i of the result is axis `axes[i]` of the input. */
export function permute(
  data: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): { readonly data: Float32Array; readonly shape: number[] } {
  const stride = shape.map((_, i) => sizeOf(shape.slice(i + 1)))
  const newShape = axes.map((a) => shape[a]!)
  const steps = axes.map((a) => stride[a]!)
  const out = new Float32Array(data.length)
  const last = newShape.length - 1
  const [length, step] = [newShape[last] ?? 1, steps[last] ?? 1]
  const index = new Array<number>(Math.max(last, 0)).fill(0)
  let from = 0
  for (let to = 0; to < out.length; to += length) {
    for (let k = 0; k < length; k++) out[to + k] = data[from + k * step]!
    for (let i = last - 1; i >= 0; i--) {
      from += steps[i]!
      if (++index[i]! < newShape[i]!) break
      from -= steps[i]! * newShape[i]!
      index[i] = 0
    }
  }
  return { data: out, shape: newShape }
}

/** The axes that undo a permutation. */
export function inverse(axes: readonly number[]): number[] {
  return axes.map((_, i) => axes.indexOf(i))
}
