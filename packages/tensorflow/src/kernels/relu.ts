import type { tf } from '@espalier/core'
import type { ReluAttrs } from '@espalier/core/kernels'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import type { RatedPlan, Step } from '../onednn/plan.js'
import { PlanCache } from '../onednn/plan-cache.js'
import { planRelu } from '../onednn/relu.js'
import { planReluGrad } from '../onednn/relu-grad.js'
import type { Native } from './native-kernel.js'

const T = attribute.type('T', dataTypes.float)

const when = (_: object, { max }: ReluAttrs) => max === undefined || max === 6

/** The rectifier by oneDNN, ReLU6 by TensorFlow. Other upper limits stay composed. */
export function registerRelu(native: Native): void {
  const byOneDnn = native.dnn && rectifierOf(native, native.dnn)

  native.register<{ x: tf.Tensor }, ReluAttrs>(
    'EspalierRelu',
    ({ x }, { max }) => {
      const y = max === undefined && x.size > 0 && byOneDnn?.y(x)
      return y || native.run(max === 6 ? 'Relu6' : 'Relu', [T], [x])
    },
    { when, repeats: true },
  )
  // The gradient operation looks at where its features are positive: the output is as good as the input.
  native.register<{ dy: tf.Tensor; y: tf.Tensor }, ReluAttrs>(
    'EspalierReluGrad',
    ({ dy, y }, { max }) => {
      const dx = max === undefined && y.size > 0 && byOneDnn?.dx(dy, y)
      return dx || native.run(max === 6 ? 'Relu6Grad' : 'ReluGrad', [T], [dy, y])
    },
    { when, repeats: true },
  )
}

/** It comes between products, when all threads are awake: they share in fewer numbers than elsewhere. */
const perNumber = 200

/** Both ways, where oneDNN is quick on this machine. */
function rectifierOf(native: Native, dnn: OneDnn) {
  const plans = new PlanCache<RatedPlan>()
  const gradPlans = new PlanCache<Step>()
  return {
    y(x: tf.Tensor): tf.TensorInfo | undefined {
      const plan = plans.get(String(x.size), () => planRelu(dnn, x.size, perNumber))
      if (!plan.fast) return undefined
      const y = native.fresh(x.shape)
      plan.run(native.at(x), y.at)
      return y.tensor
    },
    dx(dy: tf.Tensor, y: tf.Tensor): tf.TensorInfo | undefined {
      const plan = gradPlans.get(String(y.size), () => planReluGrad(dnn, y.size, perNumber))
      if (!plan.fast) return undefined
      const dx = native.fresh(y.shape)
      plan.run(native.at(dy), native.at(y), dx.at)
      return dx.tensor
    },
  }
}
