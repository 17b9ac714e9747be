import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import { checkInts, checkRank, shapeError } from './check.js'
import { type Pair, pair } from './conv2d.js'
import { averageWindows, maxWindows, spreadAverage, type Windows } from './pool-host.js'

/** Geometry of a pooling, with torch's defaults. */
export interface Pool2dOptions {
  /** Default: the kernel, so that windows do not overlap. */
  readonly stride?: Pair
  readonly padding?: Pair
  /** Rounds the output size up, so that the last windows may reach over the edge (torch's `ceil_mode`). */
  readonly ceilMode?: boolean
}

/** Either a kernel that moves in strides, or an output size whose windows divide the input evenly. */
export interface PoolAttrs {
  readonly kernel: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly padding: readonly [number, number]
  readonly ceilMode: boolean
  readonly outputSize?: readonly [number, number]
  readonly inputShape: readonly [number, number, number, number]
}

/** The largest value of each window, `[b, h, w, c]` → `[b, h', w', c]`; padding never wins, as in torch. */
export function maxPool2d(x: tf.Tensor4D, kernel: Pair, options: Pool2dOptions = {}): tf.Tensor4D {
  return maxPoolKernel({ x }, poolAttrs('maxPool2d', x, kernel, options))[0] as tf.Tensor4D
}

/** The mean of each window, padding included (torch's `count_include_pad`). */
export function avgPool2d(x: tf.Tensor4D, kernel: Pair, options: Pool2dOptions = {}): tf.Tensor4D {
  return avgPoolKernel({ x }, poolAttrs('avgPool2d', x, kernel, options))[0] as tf.Tensor4D
}

/** The largest value of each of `outputSize` windows that cover the input (torch's `adaptive_max_pool2d`). */
export function adaptiveMaxPool2d(x: tf.Tensor4D, outputSize: Pair): tf.Tensor4D {
  return maxPoolKernel({ x }, adaptiveAttrs('adaptiveMaxPool2d', x, outputSize))[0] as tf.Tensor4D
}

/** The mean of each of `outputSize` windows that cover the input (torch's `adaptive_avg_pool2d`). */
export function adaptiveAvgPool2d(x: tf.Tensor4D, outputSize: Pair): tf.Tensor4D {
  return avgPoolKernel({ x }, adaptiveAttrs('adaptiveAvgPool2d', x, outputSize))[0] as tf.Tensor4D
}

/** Output height and width of a pooling. */
export function poolOutputSize(attrs: PoolAttrs): [number, number] {
  const along = (i: 0 | 1): number => {
    if (attrs.outputSize) return attrs.outputSize[i]
    const size = attrs.inputShape[i + 1]!
    const span = size + 2 * attrs.padding[i] - attrs.kernel[i]
    const n = Math[attrs.ceilMode ? 'ceil' : 'floor'](span / attrs.stride[i]) + 1
    // A window must begin inside the input or the padding before it.
    return attrs.ceilMode && (n - 1) * attrs.stride[i] >= size + attrs.padding[i] ? n - 1 : n
  }
  return [along(0), along(1)]
}

/** `x` → y, and the position in its image that each maximum came from (an engine may keep it in its own way). */
export const maxPoolKernel = defineKernel<{ x: tf.Tensor4D }, PoolAttrs>({
  name: 'EspalierMaxPool2d',
  compose: ({ x }, attrs) => {
    const windows = windowsOf(attrs)
    return hostCompute(
      [x],
      [{ shape: windows.shape }, { shape: windows.shape, dtype: 'int32' }],
      ([xs], [y, from]) => maxWindows(xs!, y!, from!, attrs.inputShape, windows),
    )
  },
  saves: { outputs: [1] },
  gradient: ([dy], [from], attrs) => ({ x: () => maxPoolGradKernel({ dy: dy!, from: from! }, attrs)[0]! }),
})

/** `dy`, `from` → dx. */
export const maxPoolGradKernel = defineKernel<{ dy: tf.Tensor; from: tf.Tensor }, PoolAttrs>({
  name: 'EspalierMaxPool2dGrad',
  compose: ({ dy, from }, { inputShape: [b, h, w, c] }) =>
    hostCompute([dy, from], [{ shape: [b, h, w, c] }], ([dys, at], [dx]) => {
      const [image, pooled] = [h * w * c, dys!.length / b]
      for (let n = 0; n < b; n++) {
        for (let i = n * pooled; i < (n + 1) * pooled; i++) dx![n * image + at![i]!]! += dys![i]!
      }
    }),
})

/** `x` → y. */
export const avgPoolKernel = defineKernel<{ x: tf.Tensor4D }, PoolAttrs>({
  name: 'EspalierAvgPool2d',
  compose: ({ x }, attrs) => {
    const windows = windowsOf(attrs)
    return hostCompute([x], [{ shape: windows.shape }], ([xs], [y]) =>
      averageWindows(xs!, y!, attrs.inputShape, windows),
    )
  },
  gradient: ([dy], _, attrs) => ({ x: () => avgPoolGradKernel({ dy: dy! }, attrs)[0]! }),
})

/** `dy` → dx. */
export const avgPoolGradKernel = defineKernel<{ dy: tf.Tensor }, PoolAttrs>({
  name: 'EspalierAvgPool2dGrad',
  compose: ({ dy }, attrs) => {
    const windows = windowsOf(attrs)
    return hostCompute([dy], [{ shape: attrs.inputShape }], ([dys], [dx]) =>
      spreadAverage(dys!, dx!, attrs.inputShape, windows),
    )
  },
})

function poolAttrs(op: string, x: tf.Tensor4D, kernel: Pair, options: Pool2dOptions): PoolAttrs {
  const { stride = kernel, padding = 0, ceilMode = false } = options
  checkRank(op, 'the input', x, 4)
  const attrs = {
    kernel: pair(kernel),
    stride: pair(stride),
    padding: pair(padding),
    ceilMode,
    inputShape: x.shape,
  }
  checkInts(op, 'kernel and stride', [...attrs.kernel, ...attrs.stride], 1)
  checkInts(op, 'padding', attrs.padding, 0)
  if (attrs.padding.some((p, i) => 2 * p > attrs.kernel[i]!)) {
    throw shapeError(op, `padding [${attrs.padding}] must be at most half the kernel [${attrs.kernel}]`)
  }
  if (Math.min(...poolOutputSize(attrs)) < 1) {
    throw shapeError(op, `an input of [${x.shape}] is smaller than the ${attrs.kernel.join('×')} kernel`)
  }
  return attrs
}

/** Windows that tile the input are an ordinary pooling; only uneven ones need their own loop. */
function adaptiveAttrs(op: string, x: tf.Tensor4D, outputSize: Pair): PoolAttrs {
  const size = pair(outputSize)
  checkRank(op, 'the input', x, 4)
  checkInts(op, 'the output size', size, 1)
  const [, h, w] = x.shape
  const kernel = [Math.floor(h / size[0]), Math.floor(w / size[1])] as const
  const even = kernel[0] * size[0] === h && kernel[1] * size[1] === w
  const attrs = { kernel, stride: kernel, padding: [0, 0], ceilMode: false, inputShape: x.shape } as const
  return even ? attrs : { ...attrs, outputSize: size }
}

function windowsOf(attrs: PoolAttrs): Windows {
  const { inputShape: shape } = attrs
  const [h, w] = poolOutputSize(attrs)
  const along = (i: 0 | 1, n: number) =>
    Array.from({ length: n }, (_, k) => {
      const size = shape[i + 1]!
      if (attrs.outputSize) {
        const begin = Math.floor((k * size) / n)
        const end = Math.ceil(((k + 1) * size) / n)
        return { begin, end, counted: end - begin }
      }
      const start = k * attrs.stride[i] - attrs.padding[i]
      const stop = Math.min(start + attrs.kernel[i], size + attrs.padding[i])
      return { begin: Math.max(0, start), end: Math.min(size, stop), counted: stop - start }
    })
  return { shape: [shape[0], h, w, shape[3]], rows: along(0, h), columns: along(1, w) }
}
