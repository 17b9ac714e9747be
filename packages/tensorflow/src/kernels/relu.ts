import type { tf } from '@espalier/core'
import type { ReluAttrs } from '@espalier/core/kernels'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import { type BinaryPlan, planBinary } from '../onednn/binary.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import type { Plan } from '../onednn/plan.js'
import { PlanCache } from '../onednn/plan-cache.js'
import { planReluGrad } from '../onednn/relu-grad.js'
import type { Native } from './native-kernel.js'

const T = attribute.type('T', dataTypes.float)

const when = (_: object, { max }: ReluAttrs) => max === undefined || max === 6

/** Up to so many numbers oneDNN, which wakes no other thread for them, is quicker than TensorFlow. */
const some = 2 ** 20

/** The rectifier: small ones by oneDNN, others and ReLU6 by TensorFlow. Other upper limits stay composed. */
export function registerRelu(native: Native): void {
  const byOneDnn = native.dnn && rectifierOf(native, native.dnn)

  native.register<{ x: tf.Tensor }, ReluAttrs>(
    'EspalierRelu',
    ({ x }, { max }) => {
      if (byOneDnn && max === undefined && isSome(x)) return byOneDnn.y(x)
      return native.run(max === 6 ? 'Relu6' : 'Relu', [T], [x])
    },
    { when, repeats: true },
  )
  // The gradient operation looks at where its features are positive: the output is as good as the input.
  native.register<{ dy: tf.Tensor; y: tf.Tensor }, ReluAttrs>(
    'EspalierReluGrad',
    ({ dy, y }, { max }) => {
      if (byOneDnn && max === undefined && isSome(y)) return byOneDnn.dx(dy, y)
      return native.run(max === 6 ? 'Relu6Grad' : 'ReluGrad', [T], [dy, y])
    },
    { when, repeats: true },
  )
}

/** It comes between products, when all threads are awake: they share in fewer numbers than elsewhere. */
const perNumber = 200

const isSome = ({ size }: tf.Tensor) => size > 0 && size <= some

/**
 * y: the larger of zero and x, in this order, for where x is no number it is the second that is taken. oneDNN's own
 * rectifier makes zeros of such, and a network would go on with them as if nothing were wrong.
 */
function rectifierOf(native: Native, dnn: OneDnn) {
  const plans = new PlanCache<BinaryPlan>()
  const gradPlans = new PlanCache<Plan>()
  return {
    y(x: tf.Tensor): tf.TensorInfo {
      const y = native.fresh(x.shape)
      const plan = plans.get(String(x.size), () => planBinary(dnn, 'maximum', [x.size], [x.size], perNumber))
      plan.run(native.zeros(x.size), native.at(x), y.at)
      return y.tensor
    },
    dx(dy: tf.Tensor, y: tf.Tensor): tf.TensorInfo {
      const dx = native.fresh(y.shape)
      const plan = gradPlans.get(String(y.size), () => planReluGrad(dnn, y.size, perNumber))
      plan.run(native.at(dy), native.at(y), dx.at)
      return dx.tensor
    },
  }
}
