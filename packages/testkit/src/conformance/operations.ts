import { tf } from '@espalier/core'
import * as kernels from '@espalier/core/kernels'
import type { NdArray } from '@espalier/data'

/** The inputs of a case as tensors, by name. */
export type Named = Readonly<Record<string, tf.Tensor>>
// biome-ignore lint/suspicious/noExplicitAny: options come from JSON and differ from operation to operation
type Options = Readonly<Record<string, any>>

/** Tensor of an array of a golden case. */
export function toTensor({ data, shape, dtype }: NdArray): tf.Tensor {
  return tf.tensor(data as Float32Array, [...shape], dtype === 'int32' ? 'int32' : 'float32')
}

const t4 = (t: tf.Tensor | undefined) => t as tf.Tensor4D

/** What each operation of the golden topic `kernels` is, as users call it. */
export const operations: Readonly<
  Record<string, (t: Named, o: Options) => Readonly<Record<string, tf.Tensor>>>
> = {
  conv2d: ({ x, filter }, o) => ({ y: kernels.conv2d(t4(x), t4(filter), o) }),
  convTranspose2d: ({ x, filter }, o) => ({ y: kernels.convTranspose2d(t4(x), t4(filter), o) }),
  batchNormTrain: ({ x, weight, bias }, o) => ({
    ...kernels.batchNormTrain(x!, weight as tf.Tensor1D, bias as tf.Tensor1D, o['epsilon']),
  }),
  batchNormEval: ({ x, weight, bias, mean, variance }, o) => ({
    y: kernels.batchNormEval(
      x!,
      weight as tf.Tensor1D,
      bias as tf.Tensor1D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      o['epsilon'],
    ),
  }),
  maxPool2d: ({ x }, o) => ({ y: kernels.maxPool2d(t4(x), o['kernel'], o) }),
  avgPool2d: ({ x }, o) => ({ y: kernels.avgPool2d(t4(x), o['kernel'], o) }),
  adaptiveMaxPool2d: ({ x }, o) => ({ y: kernels.adaptiveMaxPool2d(t4(x), o['size']) }),
  adaptiveAvgPool2d: ({ x }, o) => ({ y: kernels.adaptiveAvgPool2d(t4(x), o['size']) }),
  sparseCrossEntropy: ({ logits, labels }) => ({
    y: kernels.sparseCrossEntropy(logits as tf.Tensor2D, labels as tf.Tensor1D),
  }),
  embed: ({ weight, indices }) => ({ y: kernels.embed(weight as tf.Tensor2D, indices!) }),
  segmentSum: ({ values, ids }, o) => ({
    y: kernels.segmentSum(values as tf.Tensor2D, ids as tf.Tensor1D, o['count']),
  }),
  gridSample: ({ x, grid }, o) => ({ y: kernels.gridSample(t4(x), t4(grid), o) }),
  affineGrid: ({ matrices }, o) => ({
    y: kernels.affineGrid(matrices as tf.Tensor3D, o['size'], { alignCorners: o['alignCorners'] }),
  }),
  perspectiveGrid: ({ grid, coefficients }) => ({
    y: kernels.perspectiveGrid(t4(grid), coefficients as tf.Tensor2D),
  }),
  resizeBilinear: ({ x }, o) => ({
    y: kernels.resizeBilinear(t4(x), o['size'], { alignCorners: o['alignCorners'] }),
  }),
  resizeNearest: ({ x }, o) => ({ y: kernels.resizeNearest(t4(x), o['size']) }),
  pixelShuffle: ({ x }, o) => ({ y: kernels.pixelShuffle(t4(x), o['factor']) }),
  relu: ({ x }) => ({ y: kernels.relu(x!) }),
  relu6: ({ x }) => ({ y: kernels.relu6(x!) }),
  mish: ({ x }) => ({ y: kernels.mish(x!) }),
  swish: ({ x }) => ({ y: kernels.swish(x!) }),
  gelu: ({ x }) => ({ y: kernels.gelu(x!) }),
  layerNorm: ({ x, weight, bias }, o) => ({
    y: kernels.layerNorm(x!, weight as tf.Tensor1D, bias as tf.Tensor1D, o['epsilon']),
  }),
  lstm: ({ x, h, c, weightIh, weightHh, bias }, o) => {
    const { y, state } = kernels.lstm(
      x as tf.Tensor3D,
      { h: h as tf.Tensor2D, c: c as tf.Tensor2D },
      {
        weightIh: weightIh as tf.Tensor2D,
        weightHh: weightHh as tf.Tensor2D,
        bias: bias as tf.Tensor1D,
      },
      o,
    )
    const { [o['out'] as 'y']: first, ...others } = { y, ...state }
    return { [o['out']]: first!, ...others }
  },
  einsum: (t, o) => ({ y: kernels.einsum(o['equation'], ...Object.values(t)) }),
  matMul: ({ a, b }, o) => ({ y: tf.matMul(a!, b!, o['transposeA'], o['transposeB']) }),
  adam: ({ param, grad, avg, sqrAvg }, o) =>
    updated({ param: param!, avg: avg!, sqrAvg: sqrAvg! }, (v) =>
      kernels.updateKernels().adam(v['param']!, grad!, v['avg']!, v['sqrAvg']!, o as kernels.AdamAttrs),
    ),
  sgd: ({ param, grad, avg }, o) =>
    updated({ param: param!, ...(avg && { avg }) }, (v) =>
      kernels.updateKernels().sgd(v['param']!, grad!, v['avg'], o as kernels.SgdAttrs),
    ),
}

/** Runs an update on variables of these values and returns what they hold afterwards; `param` is called y. */
function updated(values: Named, update: (v: Readonly<Record<string, tf.Variable>>) => void): Named {
  const variables = Object.fromEntries(Object.entries(values).map(([k, t]) => [k, tf.variable(t)]))
  update(variables)
  const results = Object.entries(variables).map(
    ([k, v]) => [k === 'param' ? 'y' : k, tf.clone(v as tf.Tensor)] as const,
  )
  kernels.updateKernels().release?.(Object.values(variables))
  for (const v of Object.values(variables)) v.dispose()
  return Object.fromEntries(results)
}
