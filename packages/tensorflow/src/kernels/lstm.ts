import type { tf } from '@espalier/core'
import type { LstmAttrs, LstmGradInputs, LstmInputs } from '@espalier/core/kernels'
import {
  type LstmGradPlaces,
  type LstmPlaces,
  type LstmPlan,
  planLstm,
  planLstmGrad,
} from '../onednn/lstm.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import { PlanCache } from '../onednn/plan-cache.js'
import { type Native, noneEmpty } from './native-kernel.js'

/** LSTMs and their gradient by oneDNN; its workspace goes from one to the other. */
export function registerLstm(native: Native, dnn: OneDnn): void {
  const forward = new PlanCache<LstmPlan<LstmPlaces>>(64)
  const backward = new PlanCache<LstmPlan<LstmGradPlaces>>(64)

  native.register<LstmInputs, LstmAttrs>(
    'EspalierLstm',
    (inputs, attrs) => {
      const shapes = shapesOf(inputs, attrs)
      const plan = forward.get(JSON.stringify(shapes), () => planLstm(dnn, shapes, native.scratch))
      const { b, steps, hidden } = shapes
      const y = native.fresh([b, steps, hidden])
      const [lastH, lastC] = [native.fresh([b, hidden]), native.fresh([b, hidden])]
      const workspace = native.fresh([Math.ceil(plan.workspace / 4)])
      plan.run({
        ...placesOf(native, inputs),
        y: y.at,
        lastH: lastH.at,
        lastC: lastC.at,
        workspace: workspace.at,
      })
      return [y, lastH, lastC, workspace].map((fresh) => fresh.tensor)
    },
    { when: noneEmpty },
  )

  native.register<LstmGradInputs, LstmAttrs>(
    'EspalierLstmGrad',
    (inputs, attrs) => {
      const shapes = shapesOf(inputs, attrs)
      const plan = backward.get(JSON.stringify(shapes), () => planLstmGrad(dnn, shapes, native.scratch))
      const { x, h, c, weightIh, weightHh, bias } = inputs
      const [dx, dh, dc, dWeightIh, dWeightHh, dBias] = [x, h, c, weightIh, weightHh, bias].map((t) =>
        native.fresh(t.shape),
      ) as [Fresh, Fresh, Fresh, Fresh, Fresh, Fresh]
      const most = inputs.y.size // The largest of them: it is where all zeros that are asked for lie.
      const full = (d: tf.Tensor) => (d.shape.length > 0 ? native.at(d) : native.zeros(most))
      plan.run({
        ...placesOf(native, inputs),
        y: native.at(inputs.y),
        lastH: native.at(inputs.lastH),
        lastC: native.at(inputs.lastC),
        workspace: native.at(inputs.reserved0),
        dy: full(inputs.dy),
        dLastH: full(inputs.dh),
        dLastC: full(inputs.dc),
        dx: dx.at,
        dh: dh.at,
        dc: dc.at,
        dWeightIh: dWeightIh.at,
        dWeightHh: dWeightHh.at,
        dBias: dBias.at,
      })
      return [dx, dh, dc, dWeightIh, dWeightHh, dBias].map((fresh) => fresh.tensor)
    },
    // The composed forward pass leaves two tensors.
    { when: (inputs) => !('reserved1' in inputs) },
  )
}

type Fresh = ReturnType<Native['fresh']>

function shapesOf({ x, weightHh }: LstmInputs, { reverse }: LstmAttrs) {
  const [b, steps, n] = x.shape
  return { b, steps, n, hidden: weightHh.shape[0], reverse }
}

function placesOf(native: Native, { x, h, c, weightIh, weightHh, bias }: LstmInputs) {
  const at = (t: tf.Tensor) => native.at(t)
  return {
    x: at(x),
    h: at(h),
    c: at(c),
    weightIh: at(weightIh),
    weightHh: at(weightHh),
    bias: at(bias),
  }
}
