import type { tf } from '@espalier/core'
import { type PoolAttrs, poolOutputSize } from '@espalier/core/kernels'
import { dataTypes } from '../binding/data-types.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import { PlanCache } from '../onednn/plan-cache.js'
import { type PoolKind, type PoolPlan, planPool, planPoolGrad } from '../onednn/pool.js'
import { type Native, noneEmpty } from './native-kernel.js'

type Planner = typeof planPool

/**
 * Pooling by oneDNN. Where each maximum came from is oneDNN's secret: the second output is its workspace, which
 * only its gradient can read.
 */
export function registerPool2d(native: Native, dnn: OneDnn): void {
  const plans = new PlanCache<PoolPlan>()

  const planFor = (kernel: string, planner: Planner, kind: PoolKind, attrs: PoolAttrs): PoolPlan => {
    const { kernel: window, stride, padding, ceilMode, inputShape } = attrs
    const key = `${kernel} ${window} ${stride} ${padding} ${ceilMode} ${inputShape}`
    return plans.get(key, () => planner(dnn, kind, attrs, poolOutputSize(attrs)))
  }

  native.register<{ x: tf.Tensor4D }, PoolAttrs>(
    'EspalierMaxPool2d',
    ({ x }, attrs) => {
      const plan = planFor('max', planPool, 'maxPool', attrs)
      const y = native.fresh(pooledShape(attrs))
      const from = native.fresh([Math.ceil(plan.workspace / 4)], dataTypes.int32)
      plan.run(native.at(x), y.at, from.at)
      return [y.tensor, from.tensor]
    },
    { when: (inputs, { outputSize }) => !outputSize && noneEmpty(inputs) },
  )

  native.register<{ dy: tf.Tensor; from: tf.Tensor }, PoolAttrs>(
    'EspalierMaxPool2dGrad',
    ({ dy, from }, attrs) => {
      const plan = planFor('max gradient', planPoolGrad, 'maxPool', attrs)
      const dx = native.fresh(attrs.inputShape)
      plan.run(native.at(dy), dx.at, native.at(from))
      return dx.tensor
    },
    // Positions, which the composed form gives, have the shape of the gradient; a workspace is flat.
    { integers: ['from'], when: (inputs) => inputs.from.rank === 1 && noneEmpty(inputs) },
  )

  native.register<{ x: tf.Tensor4D }, PoolAttrs>(
    'EspalierAvgPool2d',
    ({ x }, attrs) => {
      const y = native.fresh(pooledShape(attrs))
      planFor('mean', planPool, 'avgPool', attrs).run(native.at(x), y.at, undefined)
      return y.tensor
    },
    { when: (inputs, attrs) => isPlainMean(attrs) && noneEmpty(inputs) },
  )

  native.register<{ dy: tf.Tensor }, PoolAttrs>(
    'EspalierAvgPool2dGrad',
    ({ dy }, attrs) => {
      const dx = native.fresh(attrs.inputShape)
      planFor('mean gradient', planPoolGrad, 'avgPool', attrs).run(native.at(dy), dx.at, undefined)
      return dx.tensor
    },
    { when: (inputs, attrs) => isPlainMean(attrs) && noneEmpty(inputs) },
  )
}

/** The shape of a pooling's result. */
export function pooledShape(attrs: PoolAttrs): readonly number[] {
  const [h, w] = poolOutputSize(attrs)
  return [attrs.inputShape[0], h, w, attrs.inputShape[3]]
}

/** Windows that reach over the padding too divide by what they cover, which only the composed form does. */
export function isPlainMean(attrs: PoolAttrs): boolean {
  if (attrs.outputSize) return false
  const size = poolOutputSize(attrs)
  return ([0, 1] as const).every((i) => {
    const end = (size[i] - 1) * attrs.stride[i] + attrs.kernel[i]
    return end <= attrs.inputShape[i + 1]! + 2 * attrs.padding[i]
  })
}
