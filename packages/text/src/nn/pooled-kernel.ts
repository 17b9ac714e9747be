import type { tf } from '@espalier/core'
import { addRow, defineKernel, hostAccumulate, hostCompute } from '@espalier/core/kernels'

/** Where the tokens of a text lie in its row, and which step counts as its last. */
export interface TextPlaces {
  readonly steps: readonly number[]
  readonly last: number
}

interface PoolAttrs {
  readonly places: readonly TextPlaces[]
}

/**
 * `output` `[b, t, n]` → the last, the largest and the mean of each feature over the tokens of a text, `[b, 3n]`, and the
 * steps of the largest, `[b, n]` int32: one pass, where composed operations would each walk all outputs. The first of
 * equal largest ones gets the gradient.
 */
export const pooledKernel = defineKernel<{ output: tf.Tensor3D }, PoolAttrs>({
  name: 'EspalierPooledText',
  compose({ output }, { places }) {
    const [b, t, n] = output.shape
    const specs = [{ shape: [b, 3 * n] }, { shape: [b, n], dtype: 'int32' as const }]
    return hostCompute([output], specs, ([from], [pooled, largest]) => {
      for (const [i, place] of places.entries()) {
        const row = pooled!.subarray(3 * n * i, 3 * n * (i + 1)) as Float32Array
        pool(from as Float32Array, i * t, place, row, largest!.subarray(i * n, (i + 1) * n) as Int32Array)
      }
    })
  },
  saves: { inputs: ['output'], outputs: [1] },
  gradient: ([dy], [output, largest], { places }) => ({
    output: (before) => {
      const [, t, n] = output!.shape as [number, number, number]
      return hostAccumulate(before, output!.shape, [dy!, largest!], ([d, at], to) => {
        for (const [i, place] of places.entries()) {
          const row = d!.subarray(3 * n * i, 3 * n * (i + 1)) as Float32Array
          spread(row, i * t, place, to, at!.subarray(i * n, (i + 1) * n) as Int32Array)
        }
      })
    },
  }),
})

/** One text whose first step is row `first` of `from`; zeros where it has no token. */
function pool(
  from: Float32Array,
  first: number,
  { steps, last }: TextPlaces,
  to: Float32Array,
  largest: Int32Array,
): void {
  const n = largest.length
  if (steps.length === 0) return
  for (let j = 0; j < n; j++) {
    to[j] = from[(first + last) * n + j]!
    to[n + j] = from[(first + steps[0]!) * n + j]!
    largest[j] = steps[0]!
  }
  for (const step of steps) poolStep(from, (first + step) * n, to, largest, step)
  for (let j = 0; j < n; j++) to[2 * n + j]! /= steps.length
}

/** One step: short functions that are called often are soon compiled. */
function poolStep(from: Float32Array, at: number, to: Float32Array, largest: Int32Array, step: number): void {
  const n = largest.length
  for (let j = 0; j < n; j++) {
    const v = from[at + j]!
    to[2 * n + j]! += v
    if (v > to[n + j]!) {
      to[n + j] = v
      largest[j] = step
    }
  }
}

/** Adds the gradient of one text to that of all outputs. */
function spread(
  d: Float32Array,
  first: number,
  { steps, last }: TextPlaces,
  to: Float32Array,
  largest: Int32Array,
): void {
  const n = largest.length
  if (steps.length === 0) return
  for (const step of steps) addRow(d, 2 * n, to, (first + step) * n, n, 1 / steps.length)
  for (let j = 0; j < n; j++) {
    to[(first + last) * n + j]! += d[j]!
    to[(first + largest[j]!) * n + j]! += d[n + j]!
  }
}
