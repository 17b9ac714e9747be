import type { tf } from '@espalier/core'
import { adamStep, composedUpdates, isRecording, type UpdateKernels } from '@espalier/core/kernels'
import type { SourcedEntry } from '../backend/backend.js'
import { hostView } from './host-access.js'
import type { Native } from './native-kernel.js'

/** A parameter and its averages, and where their numbers lie. */
interface Found {
  readonly dataIds: readonly tf.DataId[]
  readonly entries: readonly SourcedEntry[]
  readonly ids: readonly number[]
  readonly numbers: readonly Float32Array[]
}

/**
 * Adam of few numbers, in place. Their places are looked for once: that takes longer than the numbers do, and a step of a
 * model has many such parameters.
 */
export function smallAdam(native: Native): UpdateKernels['adam'] {
  const known = new WeakMap<tf.Variable, Found>()
  return (param, grad, avg, sqrAvg, attrs) => {
    const variables = [param, avg, sqrAvg]
    let found = known.get(param)
    if (!found || isRecording() || !holds(found, variables)) {
      composedUpdates.adam(param, grad, avg, sqrAvg, attrs)
      found = find(native, variables)
      if (found) known.set(param, found)
      return
    }
    adamStep(found.numbers, hostView(native, grad), found.numbers, attrs)
  }
}

function find(native: Native, variables: readonly tf.Variable[]): Found | undefined {
  if (!variables.every((v) => native.backend.owns(v))) return undefined
  const numbers = variables.map((v) => hostView(native, v) as Float32Array)
  const entries = variables.map((v) => native.backend.entryOf(v))
  return {
    dataIds: variables.map((v) => v.dataId),
    entries,
    ids: entries.map(({ id }) => id),
    numbers,
  }
}

/** Whether the numbers still lie there, and nobody else sees them. */
function holds({ dataIds, entries, ids }: Found, variables: readonly tf.Variable[]): boolean {
  for (let i = 0; i < variables.length; i++) {
    const { own, refCount, id } = entries[i]!
    if (variables[i]!.dataId !== dataIds[i] || !own || refCount !== 1 || id !== ids[i]) return false
  }
  return true
}
