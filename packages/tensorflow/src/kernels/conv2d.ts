import type { tf } from '@espalier/core'
import {
  type ConvAttrs,
  type ConvFilterGradAttrs,
  type ConvInputGradAttrs,
  convOutputSize,
} from '@espalier/core/kernels'
import type { Scratch } from '../native/memory.js'
import {
  type ConvPlan,
  type ConvShapes,
  planConv,
  planConvFilterGrad,
  planConvInputGrad,
} from '../onednn/conv.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import { PlanCache } from '../onednn/plan-cache.js'
import { type Native, noneEmpty } from './native-kernel.js'

type Images = tf.Tensor4D
type Planner = (dnn: OneDnn, shapes: ConvShapes, attrs: ConvAttrs, scratch: Scratch) => ConvPlan

/** Convolution and its two gradients by oneDNN: any stride, padding, dilation and number of groups. */
export function registerConv2d(native: Native, dnn: OneDnn): void {
  const plans = new PlanCache<ConvPlan>()

  const compute = (
    kernel: string,
    planner: Planner,
    shapes: ConvShapes,
    attrs: ConvAttrs,
    operands: readonly [tf.TensorInfo, tf.TensorInfo],
    result: readonly number[],
  ): tf.TensorInfo => {
    const { stride, padding, dilation, groups } = attrs
    const key = `${kernel} ${shapes.x} ${shapes.filter} ${stride} ${padding} ${dilation} ${groups}`
    const plan = plans.get(key, () => planner(dnn, shapes, attrs, native.scratch))
    const { tensor, at } = native.fresh(result)
    plan.run(native.at(operands[0]), native.at(operands[1]), at)
    return tensor
  }

  const when = noneEmpty
  native.register<{ x: Images; filter: Images }, ConvAttrs>(
    'EspalierConv2d',
    ({ x, filter }, attrs) => {
      const [h, w] = convOutputSize(x.shape.slice(1, 3), filter.shape.slice(0, 2), attrs)
      const y = [x.shape[0], h, w, filter.shape[3]] as const
      const shapes = { x: x.shape, filter: filter.shape, y }
      return compute('conv2d', planConv, shapes, attrs, [x, filter], y)
    },
    { when },
  )

  native.register<{ dy: Images; filter: Images }, ConvInputGradAttrs>(
    'EspalierConv2dInputGrad',
    ({ dy, filter }, attrs) => {
      const shapes = { x: attrs.inputShape, filter: filter.shape, y: dy.shape }
      return compute('input gradient', planConvInputGrad, shapes, attrs, [dy, filter], attrs.inputShape)
    },
    { when },
  )

  native.register<{ x: Images; dy: Images }, ConvFilterGradAttrs>(
    'EspalierConv2dFilterGrad',
    ({ x, dy }, attrs) => {
      const shapes = { x: x.shape, filter: attrs.filterShape, y: dy.shape }
      return compute('filter gradient', planConvFilterGrad, shapes, attrs, [x, dy], attrs.filterShape)
    },
    { when },
  )
}
