import * as tf from '../engine/tf.js'

/** What a layer gave in one step. */
export interface Activation {
  readonly mean: number
  readonly std: number
  readonly nearZero: number
  /** Counts in {@link bins} equal bins from 0 to 10; what is outside is not counted. */
  readonly hist?: readonly number[]
}

/** How many bins a histogram has; it goes from 0 to 10, as fastai's. */
export const bins = 40
const highest = 10
/** Up to here an output counts as near zero. */
const near = Math.fround(0.05)

/** The numbers of an output; of several tensors those of the first, undefined where there is none. */
export function activationOf(output: unknown, withHist = false): Activation | undefined {
  const tensor = firstTensor(output)
  if (!tensor || tensor.size === 0) return undefined
  const hist = withHist ? new Array<number>(bins).fill(0) : undefined
  const values = tensor.dataSync()
  let [sum, nearZero] = [0, 0]
  for (const v of values) {
    sum += v
    if (v <= near) nearZero++
    if (hist && v >= 0 && v <= highest) hist[Math.min(bins - 1, Math.floor((v * bins) / highest))]!++
  }
  const n = values.length
  const mean = sum / n
  let squares = 0
  for (const v of values) squares += (v - mean) ** 2
  return { mean, std: Math.sqrt(squares / (n - 1)), nearZero: nearZero / n, ...(hist && { hist }) }
}

function firstTensor(output: unknown): tf.Tensor | undefined {
  if (output instanceof tf.Tensor) return output
  if (!Array.isArray(output)) return undefined
  for (const part of output) {
    const found = firstTensor(part)
    if (found) return found
  }
  return undefined
}
