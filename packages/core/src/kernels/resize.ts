import type { TypedArray } from '@espalier/data'
import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import { checkInts, checkRank } from './check.js'
import { type Pair, pair } from './conv2d.js'

/** Sizes `[h, w]` after and before, and how pixels between pixels are read. */
export interface ResizeAttrs {
  readonly size: readonly [number, number]
  readonly inputSize: readonly [number, number]
  readonly mode: 'bilinear' | 'nearest'
  readonly alignCorners: boolean
}

/** Bilinear resize to `[h', w']` (torch's `interpolate`), `[b, h, w, c]` → `[b, h', w', c]`; no anti-aliasing. */
export function resizeBilinear(x: tf.Tensor4D, size: Pair, { alignCorners = false } = {}): tf.Tensor4D {
  return resize('resizeBilinear', x, size, 'bilinear', alignCorners)
}

/** Nearest-neighbour resize to `[h', w']`: output row i reads input row ⌊i·h / h'⌋. */
export function resizeNearest(x: tf.Tensor4D, size: Pair): tf.Tensor4D {
  return resize('resizeNearest', x, size, 'nearest', false)
}

function resize(
  op: string,
  x: tf.Tensor4D,
  to: Pair,
  mode: ResizeAttrs['mode'],
  alignCorners: boolean,
): tf.Tensor4D {
  const size = pair(to)
  checkRank(op, 'the image', x, 4)
  checkInts(op, 'the size', size, 1)
  return resizeKernel(
    { x },
    { size, inputSize: [x.shape[1], x.shape[2]], mode, alignCorners },
  )[0] as tf.Tensor4D
}

/** `x` → y. */
export const resizeKernel = defineKernel<{ x: tf.Tensor4D }, ResizeAttrs>({
  name: 'EspalierResize',
  compose: ({ x }, attrs) => {
    const [b, , , c] = x.shape
    return hostCompute([x], [{ shape: [b, ...attrs.size, c] }], ([xs], [y]) => {
      forEachTap(b, c, attrs, (from, to, weight) => {
        for (let j = 0; j < c; j++) y![to + j]! += weight * xs![from + j]!
      })
    })
  },
  gradient: ([dy], _, attrs) => ({ x: () => resizeGradKernel({ dy: dy as tf.Tensor4D }, attrs)[0]! }),
})

/** `dy` → dx. */
export const resizeGradKernel = defineKernel<{ dy: tf.Tensor4D }, ResizeAttrs>({
  name: 'EspalierResizeGrad',
  compose: ({ dy }, attrs) => {
    const [b, , , c] = dy.shape
    return hostCompute([dy], [{ shape: [b, ...attrs.inputSize, c] }], ([dys], [dx]) => {
      forEachTap(b, c, attrs, (from, to, weight) => {
        for (let j = 0; j < c; j++) dx![from + j]! += weight * (dys as TypedArray)[to + j]!
      })
    })
  },
})

/** One input row (or column) that an output row reads, and with what weight. */
interface Tap {
  readonly from: number
  readonly weight: number
}

/** Which inputs each output along an axis reads. */
function tapsAlong(
  n: number,
  size: number,
  { mode, alignCorners }: ResizeAttrs,
): readonly (readonly Tap[])[] {
  const scale = alignCorners ? (n > 1 ? (size - 1) / (n - 1) : 0) : size / n
  return Array.from({ length: n }, (_, i) => {
    if (mode === 'nearest') return [{ from: Math.min(Math.floor(i * scale), size - 1), weight: 1 }]
    const at = alignCorners ? i * scale : Math.max(0, (i + 0.5) * scale - 0.5)
    const from = Math.min(Math.floor(at), size - 1)
    const rest = at - from
    return rest === 0 || from === size - 1
      ? [{ from, weight: 1 }]
      : [
          { from, weight: 1 - rest },
          { from: from + 1, weight: rest },
        ]
  })
}

function forEachTap(
  b: number,
  c: number,
  attrs: ResizeAttrs,
  visit: (from: number, to: number, weight: number) => void,
): void {
  const [h, w] = attrs.inputSize
  const rows = tapsAlong(attrs.size[0], h, attrs)
  const columns = tapsAlong(attrs.size[1], w, attrs)
  let to = 0
  for (let n = 0; n < b; n++) {
    for (const row of rows) {
      for (const column of columns) {
        for (const r of row)
          for (const q of column) visit(((n * h + r.from) * w + q.from) * c, to, r.weight * q.weight)
        to += c
      }
    }
  }
}
