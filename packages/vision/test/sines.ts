import { ndArray } from '@espalier/data'

/** Numbers that another program makes as easily: the sine of 0.7 i + `seed`, times `scale`. */
export function sines(shape: readonly number[], seed: number, scale = 1) {
  const n = shape.reduce((a, b) => a * b, 1)
  const values = Float32Array.from({ length: n }, (_, i) => scale * Math.sin(0.7 * i + seed))
  return ndArray('float32', shape, values)
}
