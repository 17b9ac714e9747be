import type { TypedArray } from '@espalier/data'
import { hostCompute } from '../engine/host.js'
import * as tf from '../engine/tf.js'
import type { ConvAttrs, ConvFilterGradAttrs, ConvInputGradAttrs } from './conv2d.js'

/** Below this many input channels the filter gradient is one product over all taps instead of one per tap. */
const fewChannels = 16

const isDepthwise = (groups: number, cIn: number) => groups > 1 && groups === cIn

/** Convolution from tfjs's own. */
export function composeConv(x: tf.Tensor4D, filter: tf.Tensor4D, attrs: ConvAttrs): tf.Tensor4D {
  const { stride, padding, dilation, groups } = attrs
  if (Math.max(...stride) > 1 && Math.max(...dilation) > 1) {
    const dense = composeConv(x, filter, { ...attrs, stride: [1, 1] })
    return tf.stridedSlice(dense, [0, 0, 0, 0], dense.shape, [1, stride[0], stride[1], 1]) as tf.Tensor4D
  }
  const pad = around(padding[0], padding[0], padding[1], padding[1])
  const [kh, kw, , cOut] = filter.shape
  const cIn = x.shape[3]
  if (groups === 1) return tf.conv2d(x, filter, [...stride], pad, 'NHWC', [...dilation])
  if (isDepthwise(groups, cIn)) {
    const perChannel = tf.reshape<tf.Rank.R4>(filter, [kh, kw, cIn, cOut / cIn])
    return tf.depthwiseConv2d(x, perChannel, [...stride], pad, 'NHWC', [...dilation])
  }
  return inGroups(groups, [x, filter], (xs, f) => composeConv(xs, f, { ...attrs, groups: 1 }))
}

/** The input gradient is the stride-1 convolution of the spread-out `dy` with the mirrored filter. */
export function composeInputGrad(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  attrs: ConvInputGradAttrs,
): tf.Tensor4D {
  const { stride, padding, dilation, groups, inputShape } = attrs
  const [kh, kw, cInGroup, cOut] = filter.shape
  const cIn = inputShape[3]
  if (groups > 1 && !isDepthwise(groups, cIn)) {
    const perGroup = {
      ...attrs,
      groups: 1,
      inputShape: [...inputShape.slice(0, 3), cInGroup] as unknown as typeof inputShape,
    }
    return inGroups(groups, [dy, filter], (d, f) => composeInputGrad(d, f, perGroup))
  }
  const reach = [dilation[0] * (kh - 1), dilation[1] * (kw - 1)] as const
  const spread = spreadOut(dy, stride)
  const before = [reach[0] - padding[0], reach[1] - padding[1]] as const
  const after = ([0, 1] as const).map((i) => inputShape[i + 1]! + reach[i] - spread.shape[i + 1]! - before[i])
  const padded = padOrCrop(spread, [before[0], after[0]!], [before[1], after[1]!])
  const mirrored = kh * kw === 1 ? filter : tf.reverse(filter, [0, 1])
  if (groups === 1) {
    const swapped = tf.transpose(mirrored, [0, 1, 3, 2])
    return tf.conv2d(padded, swapped, 1, 'valid', 'NHWC', [...dilation])
  }
  const multiplier = cOut / cIn
  const perChannel = tf.reshape<tf.Rank.R4>(mirrored, [kh, kw, cOut, 1])
  const dx = tf.depthwiseConv2d(padded, perChannel, 1, 'valid', 'NHWC', [...dilation])
  return multiplier === 1
    ? dx
    : tf.reshape(tf.sum(tf.reshape(dx, [...dx.shape.slice(0, 3), cIn, multiplier]), 4), [...inputShape])
}

/** The filter gradient, tap by tap: the shifted input, transposed, times `dy`. */
export function composeFilterGrad(x: tf.Tensor4D, dy: tf.Tensor4D, attrs: ConvFilterGradAttrs): tf.Tensor4D {
  const { stride, padding, dilation, groups, filterShape } = attrs
  const [kh, kw, cInGroup, cOut] = filterShape
  if (isDepthwise(groups, x.shape[3])) return depthwiseFilterGrad(x, dy, attrs)
  if (groups > 1) {
    const perGroup = { ...attrs, groups: 1, filterShape: [kh, kw, cInGroup, cOut / groups] as const }
    return inGroups(groups, [x, dy], (xs, d) => composeFilterGrad(xs, d, perGroup))
  }
  const padded = padOrCrop(x, [padding[0], padding[0]], [padding[1], padding[1]])
  const [b, oh, ow] = dy.shape
  const dy2 = tf.reshape<tf.Rank.R2>(dy, [b * oh * ow, cOut])
  const taps: tf.Tensor2D[] = []
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const [top, left] = [i * dilation[0], j * dilation[1]]
      const end = [b, top + (oh - 1) * stride[0] + 1, left + (ow - 1) * stride[1] + 1, cInGroup]
      const whole = kh * kw === 1 && Math.max(...stride) === 1
      const seen = whole
        ? padded
        : tf.stridedSlice(padded, [0, top, left, 0], end, [1, stride[0], stride[1], 1])
      taps.push(tf.reshape(seen, [b * oh * ow, cInGroup]))
    }
  }
  if (cInGroup < fewChannels) {
    const columns = taps.length === 1 ? taps[0]! : tf.concat(taps, 1)
    return tf.reshape(tf.matMul(columns, dy2, true, false), [...filterShape])
  }
  return tf.reshape(tf.stack(taps.map((t) => tf.matMul(t, dy2, true, false))), [...filterShape])
}

/** Sums over batch and place are all there is, channel by channel: a loop, not a product of matrices. */
function depthwiseFilterGrad(x: tf.Tensor4D, dy: tf.Tensor4D, attrs: ConvFilterGradAttrs): tf.Tensor4D {
  const [result] = hostCompute([x, dy], [{ shape: attrs.filterShape }], ([xs, dys], [out]) =>
    depthwiseTaps(xs!, dys!, out!, x.shape, dy.shape, attrs),
  )
  return result as tf.Tensor4D
}

function depthwiseTaps(
  x: TypedArray,
  dy: TypedArray,
  out: TypedArray,
  [b, h, w, cIn]: readonly [number, number, number, number],
  [, oh, ow, cOut]: readonly [number, number, number, number],
  { stride, padding, dilation, filterShape: [kh, kw] }: ConvFilterGradAttrs,
): void {
  const multiplier = cOut / cIn
  const sums = new Float64Array(cOut)
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      sums.fill(0)
      for (let n = 0; n < b; n++) {
        for (let r = 0; r < oh; r++) {
          const y = r * stride[0] + i * dilation[0] - padding[0]
          if (y < 0 || y >= h) continue
          for (let q = 0; q < ow; q++) {
            const z = q * stride[1] + j * dilation[1] - padding[1]
            if (z < 0 || z >= w) continue
            const from = ((n * h + y) * w + z) * cIn
            const at = ((n * oh + r) * ow + q) * cOut
            if (multiplier === 1) for (let c = 0; c < cOut; c++) sums[c]! += x[from + c]! * dy[at + c]!
            else
              for (let c = 0; c < cOut; c++) sums[c]! += x[from + Math.floor(c / multiplier)]! * dy[at + c]!
          }
        }
      }
      out.set(sums, (i * kw + j) * cOut)
    }
  }
}

type Padding4 = [[number, number], [number, number], [number, number], [number, number]]

const around = (top: number, bottom: number, left: number, right: number): Padding4 => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
]

/** Splits both along their channels, computes each group and joins the results. */
function inGroups(
  groups: number,
  [a, b]: readonly [tf.Tensor4D, tf.Tensor4D],
  f: (a: tf.Tensor4D, b: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D {
  const as = tf.split<tf.Tensor4D>(a, groups, 3)
  const bs = tf.split<tf.Tensor4D>(b, groups, 3)
  return tf.concat(
    as.map((part, i) => f(part, bs[i]!)),
    3,
  )
}

/** Puts stride − 1 zeros after each number: `[b, h, w, c]` → `[b, h·s, w·s, c]`. */
function spreadOut(t: tf.Tensor4D, [sh, sw]: readonly [number, number]): tf.Tensor4D {
  if (sh === 1 && sw === 1) return t
  const [b, h, w, c] = t.shape
  const rows = tf.pad(tf.reshape(t, [b * h, 1, w * c]), [
    [0, 0],
    [0, sh - 1],
    [0, 0],
  ])
  const columns = tf.pad(tf.reshape(rows, [b * h * sh * w, 1, c]), [
    [0, 0],
    [0, sw - 1],
    [0, 0],
  ])
  return tf.reshape<tf.Rank.R4>(columns, [b, h * sh, w * sw, c])
}

/** Pads with zeros; a negative amount crops. */
function padOrCrop(
  t: tf.Tensor4D,
  rows: readonly [number, number],
  columns: readonly [number, number],
): tf.Tensor4D {
  const more = (n: number) => Math.max(0, n)
  const less = (n: number) => Math.max(0, -n)
  const [b, h, w, c] = t.shape
  const cropped: tf.Tensor4D =
    less(Math.min(...rows, ...columns)) === 0
      ? t
      : tf.slice<tf.Rank.R4, tf.Tensor4D>(
          t,
          [0, less(rows[0]), less(columns[0]), 0],
          [b, h - less(rows[0]) - less(rows[1]), w - less(columns[0]) - less(columns[1]), c],
        )
  if (Math.max(...rows, ...columns) <= 0) return cropped
  return tf.pad<tf.Tensor4D>(
    cropped,
    around(more(rows[0]), more(rows[1]), more(columns[0]), more(columns[1])),
  )
}
