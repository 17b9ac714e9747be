import type { OwnNumbers } from './own-numbers.js'

/** Gives all folds of a channel its number. */
export function spread({ numbers }: OwnNumbers, each: Float32Array): void {
  for (let i = 0; i < numbers.length; i += each.length) numbers.set(each, i)
}

/** Mean and biased variance of each channel, out of those of its folds, which have as many rows each. */
export function mergeStatistics(
  { numbers: means }: OwnNumbers,
  { numbers: variances }: OwnNumbers,
  mean: Float32Array,
  variance: Float32Array,
): void {
  const channels = mean.length
  const share = channels / means.length
  for (let c = 0; c < channels; c++) {
    let [sum, within, between] = [0, 0, 0]
    for (let i = c; i < means.length; i += channels) sum += means[i]!
    const middle = sum * share
    for (let i = c; i < means.length; i += channels) {
      within += variances[i]!
      between += (means[i]! - middle) ** 2
    }
    mean[c] = middle
    variance[c] = (within + between) * share
  }
}

/** What each channel is known by when its gradients are merged. */
export interface Channels {
  readonly weight: Float32Array
  readonly variance: Float32Array
  readonly epsilon: number
  readonly rows: number
}

/**
 * The gradients of each channel's weight and bias, out of those of its folds. In place of these come the two numbers by
 * which the gradient goes through the statistics: a factor of x − mean, and what is added.
 */
export function mergeGradients(
  { numbers: scales }: OwnNumbers,
  { numbers: shifts }: OwnNumbers,
  { weight, variance, epsilon, rows }: Channels,
  dWeight: Float32Array,
  dBias: Float32Array,
): void {
  const channels = weight.length
  for (let c = 0; c < channels; c++) {
    let [dScale, dShift] = [0, 0]
    for (let i = c; i < scales.length; i += channels) {
      dScale += scales[i]!
      dShift += shifts[i]!
    }
    dWeight[c] = dScale
    dBias[c] = dShift
    const spread = variance[c]! + epsilon
    const part = -weight[c]! / (rows * spread)
    for (let i = c; i < scales.length; i += channels) {
      scales[i] = part * dScale
      shifts[i] = part * Math.sqrt(spread) * dShift
    }
  }
}
