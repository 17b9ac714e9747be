import type { tf } from '@espalier/core'
import { type BatchNormAttrs, composedForm, hostCompute } from '@espalier/core/kernels'
import { type Attribute, attribute } from '../binding/attributes.js'
import type { TensorMetadata } from '../binding/binding.js'
import { dataTypes } from '../binding/data-types.js'
import type { BatchNormSize } from '../onednn/batch-norm.js'
import { planFoldedBatchNorm } from '../onednn/folded-batch-norm.js'
import { planFoldedBatchNormGrad } from '../onednn/folded-batch-norm-grad.js'
import { planGivenBatchNorm } from '../onednn/given-batch-norm.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import type { Plan, RatedPlan } from '../onednn/plan.js'
import { PlanCache } from '../onednn/plan-cache.js'
import type { Native } from './native-kernel.js'

interface Inputs {
  readonly x: tf.Tensor
  readonly weight: tf.Tensor
  readonly bias: tf.Tensor
}

interface EvalInputs extends Inputs {
  readonly mean: tf.Tensor
  readonly variance: tf.Tensor
}

interface GradInputs {
  readonly dy: tf.Tensor
  readonly x: tf.Tensor
  readonly weight: tf.Tensor
  readonly mean: tf.Tensor
  /** What the forward pass keeps for its gradient: oneDNN's the biased variance alone, TensorFlow's three tensors. */
  readonly reserved0: tf.Tensor
  readonly reserved1: tf.Tensor
  readonly reserved2: tf.Tensor
}

const T = attribute.type('T', dataTypes.float)

/** Rows of features from this many numbers on are no small sums, and take too long in plain loops. */
const many = 65_536
/** From this many numbers on oneDNN is asked. */
const some = 4096

const attributes = (epsilon: number): readonly Attribute[] => [
  T,
  attribute.type('U', dataTypes.float),
  attribute.float('epsilon', epsilon),
  attribute.string('data_format', 'NHWC'),
  attribute.bool('is_training', true),
]

/**
 * Training batch normalization: by oneDNN, and without it by `FusedBatchNormV3`, whose variance output is the unbiased
 * one, as asked for. Few rows of features are composed: few numbers, summed in float64, as what Adam makes of rounding
 * errors would show in fits.
 */
export function registerBatchNorm(native: Native): void {
  if (native.dnn) byOneDnn(native, native.dnn)
  else byTensorflow(native)
}

function byOneDnn(native: Native, dnn: OneDnn): void {
  const plans = new PlanCache<Plan>()
  const gradPlans = new PlanCache<Plan>()
  const evalPlans = new PlanCache<RatedPlan>()
  const sizeOf = (x: tf.Tensor, epsilon: number): BatchNormSize => {
    const channels = x.shape.at(-1)!
    return { rows: x.size / channels, channels, epsilon }
  }
  const keyOf = ({ rows, channels, epsilon }: BatchNormSize) => `${rows} ${channels} ${epsilon}`

  native.register<Inputs, BatchNormAttrs>(
    'EspalierBatchNorm',
    ({ x, weight, bias }, { epsilon }) => {
      const size = sizeOf(x, epsilon)
      const plan = plans.get(keyOf(size), () => planFoldedBatchNorm(dnn, size))
      const y = native.fresh(x.shape)
      const [mean, biased] = [native.fresh(weight.shape), native.fresh(weight.shape)]
      plan.run(native.at(x), native.at(weight), native.at(bias), y.at, mean.at, biased.at)
      const unbiased = size.rows / (size.rows - 1)
      const [variance] = hostCompute([biased.tensor], [{ shape: weight.shape }], ([from], [to]) => {
        for (let i = 0; i < from!.length; i++) to![i] = from![i]! * unbiased
      })
      return [y.tensor, mean.tensor, variance!, biased.tensor]
    },
    { when: ({ x }) => x.size >= some, repeats: true },
  )

  native.register<GradInputs, BatchNormAttrs>(
    'EspalierBatchNormGrad',
    ({ dy, x, weight, mean, reserved0 }, { epsilon }) => {
      const size = sizeOf(x, epsilon)
      const plan = gradPlans.get(keyOf(size), () => planFoldedBatchNormGrad(dnn, size))
      const dx = native.fresh(x.shape)
      const [dWeight, dBias] = [native.fresh(weight.shape), native.fresh(weight.shape)]
      const ins = [dy, x, weight, mean, reserved0].map((t) => native.at(t))
      plan.run(...ins, dx.at, dWeight.at, dBias.at)
      return [dx.tensor, dWeight.tensor, dBias.tensor]
    },
    { when: (inputs) => 'reserved0' in inputs, repeats: true },
  )

  native.register<EvalInputs, BatchNormAttrs>(
    'EspalierBatchNormEval',
    (inputs, attrs) => {
      const { x, weight, bias, mean, variance } = inputs
      const size = sizeOf(x, attrs.epsilon)
      const plan = evalPlans.get(keyOf(size), () => planGivenBatchNorm(dnn, size))
      if (!plan.fast) return composedForm('EspalierBatchNormEval')({ ...inputs }, attrs)
      const y = native.fresh(x.shape)
      plan.run(...[x, weight, bias, mean, variance].map((t) => native.at(t)), y.at)
      return y.tensor
    },
    { when: ({ x }) => x.size > 0, repeats: true },
  )
}

function byTensorflow(native: Native): void {
  const { binding } = native.backend
  // Stands for the running statistics, which training does not read.
  const none = binding.createTensor([0], dataTypes.float, new Float32Array())

  native.register<Inputs, BatchNormAttrs>(
    'EspalierBatchNorm',
    ({ x, weight, bias }, { epsilon }) => {
      const { backend } = native
      const [id, done] = asImages(native, x)
      try {
        const ids = [id, backend.idOf(weight), backend.idOf(bias), none, none]
        const [y, ...rest] = native.execute('FusedBatchNormV3', attributes(epsilon), ids, 6)
        return [reshaped(native, y!, x.shape), ...rest.map((t) => backend.wrap(t))]
      } finally {
        done()
      }
    },
    { when: ({ x }) => x.shape.length !== 2 || x.size >= many },
  )

  native.register<GradInputs, BatchNormAttrs>(
    'EspalierBatchNormGrad',
    (inputs, { epsilon }) => {
      const { backend } = native
      const { dy, x, weight, reserved0, reserved1, reserved2 } = inputs
      const [dyId, dyDone] = asImages(native, dy)
      const [xId, xDone] = asImages(native, x)
      try {
        const rest = [weight, reserved0, reserved1, reserved2].map((t) => backend.idOf(t))
        const ids = [dyId, xId, ...rest]
        const [dx, dWeight, dBias, ...unused] = native.execute(
          'FusedBatchNormGradV3',
          attributes(epsilon),
          ids,
          5,
        )
        for (const { id } of unused) binding.deleteTensor(id)
        return [reshaped(native, dx!, x.shape), backend.wrap(dWeight!), backend.wrap(dBias!)]
      } finally {
        dyDone()
        xDone()
      }
    },
    { when: (inputs) => 'reserved0' in inputs },
  )
}

/** `[…, c]` as the images `[n, 1, 1, c]` that the operation wants, and what gives them back. */
function asImages(native: Native, t: tf.TensorInfo): readonly [id: number, done: () => void] {
  const id = native.backend.idOf(t)
  if (t.shape.length === 4) return [id, () => {}]
  const c = t.shape.at(-1)!
  const image = native.reshape(id, [t.shape.slice(0, -1).reduce((n, d) => n * d, 1), 1, 1, c])
  return [image.id, () => native.backend.binding.deleteTensor(image.id)]
}

/** The tensor in another shape; what was given is given back. */
function reshaped(native: Native, t: TensorMetadata, shape: readonly number[]): tf.TensorInfo {
  if (shape.length === 4) return native.backend.wrap(t)
  const result = native.reshape(t.id, shape)
  native.backend.binding.deleteTensor(t.id)
  return native.backend.wrap(result)
}
