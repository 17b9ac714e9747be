import type { tf } from '@espalier/core'
import { composedUpdates, registerUpdateKernels, type UpdateKernels } from '@espalier/core/kernels'
import { type Resource, resourceOf } from '../backend/resource.js'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import { returnFreedMemory } from '../native/allocator.js'
import type { Pointer } from '../native/library.js'
import { bytesOf, copyBytes } from '../native/memory.js'
import { type AdamPlan, planAdam } from '../onednn/adam.js'
import { planBinary } from '../onednn/binary.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import type { Step } from '../onednn/plan.js'
import { PlanCache } from '../onednn/plan-cache.js'
import { backendName, type Native } from './native-kernel.js'
import { Scalars } from './scalars.js'
import { smallAdam } from './small-adam.js'

const T = attribute.type('T', dataTypes.float)
const noLock = attribute.bool('use_locking', false)
const noNesterov = attribute.bool('use_nesterov', false)

/** Parameters up to this size are updated in JavaScript. */
const few = 2048
/** Up to this size oneDNN's passes stay within a cache; above, TensorFlow's single one is quicker. */
const some = 65_536

/**
 * Optimizer steps by TensorFlow's `ResourceApply…`, one pass over a parameter and its averages, in place; Adam of fewer
 * numbers by oneDNN, of few and where there is none in JavaScript.
 */
export function registerUpdate(native: Native): void {
  const { backend, dnn } = native
  const { binding } = backend
  const scalars = new Scalars(binding)
  const decay = decaying(native, scalars)
  const inCache = dnn ? byOneDnn(native, dnn) : composedUpdates.adam
  // Memory of a GPU cannot be written from here.
  const byLoops = binding.isUsingGpuDevice() ? composedUpdates.adam : smallAdam(native)

  registerUpdateKernels(backendName, {
    release: returnFreedMemory,
    adam(param, grad, avg, sqrAvg, attrs) {
      if (param.size <= few) return byLoops(param, grad, avg, sqrAvg, attrs)
      if (param.size <= some) return inCache(param, grad, avg, sqrAvg, attrs)
      const { lr, mom, sqrMom, eps, keep, debias } = attrs
      // TensorFlow adds epsilon to the uncorrected root; powers of 0 keep it from correcting a second time.
      const root = Math.sqrt(debias[1])
      const rate = (lr * root) / debias[0]
      const gradId = backend.idOf(grad)
      const [p, a, s] = [param, avg, sqrAvg].map((v) => resourceOf(backend, v)) as [
        Resource,
        Resource,
        Resource,
      ]
      decay(param, p, keep, rate, (step) => {
        const numbers = [0, 0, step, mom, sqrMom, eps * root].map((n) => scalars.id(n))
        binding.executeOp(
          'ResourceApplyAdam',
          [T, noLock, noNesterov],
          [p.id, a.id, s.id, ...numbers, gradId],
          0,
        )
      })
    },
    sgd(param, grad, avg, { lr, mom, keep }) {
      const gradId = backend.idOf(grad)
      const p = resourceOf(backend, param)
      const a = avg && resourceOf(backend, avg)
      decay(param, p, keep, lr, (step) => {
        const rate = scalars.id(step)
        if (a) {
          const ids = [p.id, a.id, rate, gradId, scalars.id(mom)]
          binding.executeOp('ResourceApplyMomentum', [T, noLock, noNesterov], ids, 0)
        } else {
          binding.executeOp('ResourceApplyGradientDescent', [T, noLock], [p.id, rate, gradId], 0)
        }
      })
    },
  })
}

/** Adam by oneDNN, in place where the memory of all three is theirs alone. */
function byOneDnn(native: Native, dnn: OneDnn): UpdateKernels['adam'] {
  const { backend } = native
  const plans = new PlanCache<AdamPlan>(64)
  return (param, grad, avg, sqrAvg, attrs) => {
    const { lr, mom, sqrMom, eps, keep, debias } = attrs
    if (mom === 1 || sqrMom === 0 || keep === 0) return composedUpdates.adam(param, grad, avg, sqrAvg, attrs)
    const plan = plans.get(String(param.size), () => planAdam(dnn, param.size))
    const variables = [param, avg, sqrAvg]
    const inPlace = variables.every((v) => backend.owns(v))
    const fresh = inPlace ? [] : variables.map((v) => native.fresh(v.shape))
    const placed = (places: readonly Pointer[]) => ({
      param: places[0]!,
      avg: places[1]!,
      sqrAvg: places[2]!,
    })
    const from = placed(variables.map((v) => native.at(v)))
    const to = inPlace ? from : placed(fresh.map(({ at }) => at))
    const [rate, scale] = [lr / debias[0], 1 / debias[1]]
    plan.run(from, native.at(grad), to, { mom, sqrMom, scale, eps, rate, keep })
    for (const [i, { tensor }] of fresh.entries()) {
      backend.own(tensor)
      backend.become(variables[i]!, tensor)
    }
  }
}

type Decay = (
  param: tf.Variable,
  resource: Resource,
  keep: number,
  rate: number,
  apply: (rate: number) => void,
) => void

/**
 * Weight decay around a step: p ← keep·p − step. After the step nobody else holds the parameter, so it can be
 * scaled in place then, keep·(p − step / keep), if the rate is divided by what it is scaled with.
 */
function decaying(native: Native, scalars: Scalars): Decay {
  const { backend, dnn } = native
  const { binding } = backend
  const plans = new PlanCache<Step>()

  return (param, resource, keep, rate, apply) => {
    if (keep === 1) return apply(rate)
    if (dnn && keep > 0.5 && param.size > 0) {
      apply(rate / keep)
      // The factor is data: one that changes with every step needs no new plan.
      const plan = plans.get(String(param.size), () => planBinary(dnn, 'multiply', [param.size], [1]))
      const factor = bytesOf(Float32Array.of(keep))
      const place = native.scratch.reserve(factor.byteLength)
      copyBytes(place, factor, factor.byteLength)
      plan.run(native.at(param), place, native.at(param))
      return
    }
    const before = resource.produce()
    const [decayed] = binding.executeOp('Mul', [T], [before, scalars.id(keep)], 1)
    resource.assign(decayed!.id)
    binding.deleteTensor(before)
    binding.deleteTensor(decayed!.id)
    apply(rate)
  }
}
