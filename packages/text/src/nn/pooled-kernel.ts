import type { tf } from '@espalier/core'
import { addRow, defineKernel, hostAccumulate, hostCompute } from '@espalier/core/kernels'
import type { TypedArray } from '@espalier/data'

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
    const [b, , n] = output.shape
    const specs = [{ shape: [b, 3 * n] }, { shape: [b, n], dtype: 'int32' as const }]
    return hostCompute([output], specs, ([from], [pooled, largest]) =>
      textsIn(places, from!, pooled!, largest!).forEach(pool),
    )
  },
  saves: { inputs: ['output'], outputs: [1] },
  gradient: ([dy], [output, largest], { places }) => ({
    output: (before) =>
      hostAccumulate(before, output!.shape, [dy!, largest!], ([d, at], to) =>
        textsIn(places, to, d!, at!).forEach(spread),
      ),
  }),
})

/** What of all outputs, pooled features and places of the largest is one text's. */
interface Text extends TextPlaces {
  readonly outputs: Float32Array
  readonly pooled: Float32Array
  readonly largest: Int32Array
}

/** The texts that have a token, each with its part of what all of them share evenly. */
function textsIn(
  places: readonly TextPlaces[],
  outputs: TypedArray,
  pooled: TypedArray,
  largest: TypedArray,
): Text[] {
  const part = <A extends TypedArray>(all: TypedArray, i: number) => {
    const size = all.length / places.length
    return all.subarray(size * i, size * (i + 1)) as A
  }
  return places.flatMap((place, i) => {
    if (place.steps.length === 0) return []
    return {
      ...place,
      outputs: part<Float32Array>(outputs, i),
      pooled: part<Float32Array>(pooled, i),
      largest: part<Int32Array>(largest, i),
    }
  })
}

function pool({ steps, last, outputs, pooled, largest }: Text): void {
  const n = largest.length
  for (let j = 0; j < n; j++) {
    pooled[j] = outputs[last * n + j]!
    pooled[n + j] = outputs[steps[0]! * n + j]!
    largest[j] = steps[0]!
  }
  for (const step of steps) poolStep(outputs, step * n, pooled, largest, step)
  for (let j = 0; j < n; j++) pooled[2 * n + j]! /= steps.length
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

/** Adds the gradient of one text to that of its outputs. */
function spread({ steps, last, outputs, pooled, largest }: Text): void {
  const n = largest.length
  for (const step of steps) addRow(pooled, 2 * n, outputs, step * n, n, 1 / steps.length)
  for (let j = 0; j < n; j++) {
    outputs[last * n + j]! += pooled[j]!
    outputs[largest[j]! * n + j]! += pooled[n + j]!
  }
}
