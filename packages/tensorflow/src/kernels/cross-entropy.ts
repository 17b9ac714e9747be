import type { tf } from '@espalier/core'
import { hostCompute } from '@espalier/core/kernels'
import type { TypedArray } from '@espalier/data'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import type { Plan } from '../onednn/plan.js'
import { PlanCache } from '../onednn/plan-cache.js'
import { planSoftmax } from '../onednn/softmax.js'
import { hostView } from './host-access.js'
import type { Native } from './native-kernel.js'

interface Inputs {
  readonly logits: tf.Tensor
  readonly labels: tf.Tensor
}

/** Up to this many logits, plain loops take less time than the call. */
const few = 4096
/** Below this, too little is left of a float32 probability to take the logarithm of. */
const faint = 1e-20

const attributes = [attribute.type('T', dataTypes.float), attribute.type('Tlabels', dataTypes.int32)]

/**
 * The loss and its gradient at once, as the contract does: oneDNN's softmax, less one where the label is; without it
 * `SparseSoftmaxCrossEntropyWithLogits`.
 */
export function registerCrossEntropy(native: Native): void {
  const { dnn } = native
  native.register<Inputs, object>(
    'EspalierSparseCrossEntropy',
    dnn
      ? byOneDnn(native, dnn)
      : ({ logits, labels }) =>
          native.run('SparseSoftmaxCrossEntropyWithLogits', attributes, [logits, labels], 2),
    { integers: ['labels'], when: ({ logits }) => logits.size > few, repeats: true },
  )
}

function byOneDnn(native: Native, dnn: OneDnn) {
  const plans = new PlanCache<Plan>(8)
  return ({ logits, labels }: Inputs): tf.TensorInfo[] => {
    const [rows, columns] = logits.shape as [number, number]
    const plan = plans.get(`${rows} ${columns}`, () => planSoftmax(dnn, rows, columns))
    const slope = native.fresh(logits.shape)
    plan.run(native.at(logits), slope.at)
    const slopes = hostView(native, slope.tensor)
    const [loss] = hostCompute([logits, labels], [{ shape: labels.shape }], ([x, y], [out]) => {
      for (let i = 0, at = 0; i < rows; i++, at += columns) {
        const here = at + y![i]!
        const p = slopes[here]!
        // oneDNN takes what is no number for a large one: where it is the label's, p looks certain.
        const sound = p > faint && Number.isFinite(x![here])
        const found = sound ? 0 - Math.log(p) : exactLoss(x!, at, columns, here)
        out![i] = found
        slopes[here] = p - 1
        if (Number.isNaN(found)) slopes.fill(Number.NaN, at, at + columns)
      }
    })
    return [loss!, slope.tensor]
  }
}

/** log Σ exp(x) − x[here] of a row, whatever its numbers are. */
function exactLoss(x: TypedArray, at: number, columns: number, here: number): number {
  let max = Number.NEGATIVE_INFINITY
  for (let j = at; j < at + columns; j++) max = Math.max(max, x[j]!)
  let sum = 0
  for (let j = at; j < at + columns; j++) sum += Math.exp(x[j]! - max)
  return Math.log(sum) + max - x[here]!
}
