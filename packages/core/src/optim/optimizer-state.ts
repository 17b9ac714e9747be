import { describe, EspalierError, isNdArray, listed, type NdArray } from '@espalier/data'
import { toArray, toTensor } from '../engine/tensors.js'
import * as tf from '../engine/tf.js'
import type { Optimizer } from './optimizer.js'
import { slotsIn } from './param-state.js'
import type { Hypers } from './steps.js'

/** What an optimizer is at a moment, as data: it can be kept, copied to another thread and written to a file. */
export interface OptimizerState {
  /** Hyper-parameters by group. */
  readonly hypers: readonly Hypers[]
  readonly frozenIdx: number
  /** What it remembers of each parameter that has taken a step. */
  readonly params: readonly SavedParam[]
}

/** What an optimizer remembers of the parameter at a place in its groups. */
export interface SavedParam {
  readonly group: number
  readonly index: number
  /** Steps taken. */
  readonly count: number
  /** Averages and the like, by name. */
  readonly slots: Readonly<Record<string, NdArray>>
}

/** A copy of all that an optimizer remembers. */
export function optimizerState({ hypers, frozenIdx, groups, state }: Optimizer): OptimizerState {
  const params = groups.flatMap((group, g) =>
    group.flatMap((param, index): SavedParam[] => {
      const known = state.get(param)
      if (!known) return []
      const slots = Object.fromEntries([...known.slots].map(([name, slot]) => [name, copied(toArray(slot))]))
      return [{ group: g, index, count: known.count, slots }]
    }),
  )
  return { hypers: hypers.map((h) => ({ ...h })), frozenIdx, params }
}

/** Makes an optimizer what it was. Everything is checked before anything is changed. */
export function loadOptimizerState(opt: Optimizer, saved: OptimizerState): void {
  const problems = stateProblems(opt, saved)
  if (problems.length > 0) {
    throw new EspalierError('optim/state', `this state does not fit the optimizer: ${listed(problems)}`, {
      fix: 'make the optimizer as it was made when the state was taken: the same steps, groups and model',
    })
  }
  for (const [g, h] of opt.hypers.entries()) Object.assign(h, saved.hypers[g])
  opt.frozenIdx = saved.frozenIdx
  opt.clearState()
  for (const { group, index, count, slots } of saved.params) {
    const made = Object.entries(slots).map(
      ([name, array]) => [name, tf.tidy(() => tf.variable(toTensor(copied(array)), false))] as const,
    )
    opt.state.set(opt.groups[group]![index]!, { count, slots: new Map(made) })
  }
}

/** Some engines give and take arrays without copying them. */
const copied = (array: NdArray): NdArray => ({ ...array, data: array.data.slice() })

/** Why a state is not one of such an optimizer. */
export function stateProblems(opt: Optimizer, saved: OptimizerState): string[] {
  const { hypers, params, frozenIdx } = saved ?? {}
  if (!Array.isArray(hypers) || !Array.isArray(params)) return [`it is ${describe(saved)}`]
  const { length } = opt.groups
  if (hypers.length !== length) return [`it has ${hypers.length} parameter groups, the optimizer ${length}`]
  const frozen = Number.isInteger(frozenIdx) && frozenIdx >= 0 && frozenIdx <= length
  return [
    ...(frozen ? [] : [`frozenIdx is ${describe(frozenIdx)}, there are ${length} groups`]),
    ...opt.hypers.flatMap((h, g) => hyperProblems(`group ${g}`, h, hypers[g] ?? {})),
    ...params.flatMap((p) => paramProblems(opt, p)),
    ...twice(params.map(placeOf)).map((where) => `${where} is there twice`),
  ]
}

const placeOf = ({ group, index }: SavedParam) => `parameter ${index} of group ${group}`

const twice = (names: readonly string[]) => names.filter((name, i) => names.indexOf(name) < i)

function hyperProblems(where: string, mine: Hypers, theirs: Hypers): string[] {
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])]
  return names.flatMap((name) => {
    if (!(name in mine)) return [`${where} has ${name}, which the optimizer has not`]
    const value: unknown = theirs[name]
    return Number.isFinite(value) ? [] : [`${where} has ${describe(value)} for ${name}`]
  })
}

function paramProblems(opt: Optimizer, saved: SavedParam): string[] {
  const { group, index, count, slots } = saved
  const where = placeOf(saved)
  const param = opt.groups[group]?.[index]
  if (!param) return [`the optimizer has no ${where}`]
  if (!Number.isInteger(count) || count < 0) return [`${where} has taken ${describe(count)} steps`]
  const known = new Map(slotsIn(opt.steps).map((slot) => [slot.name, slot]))
  const names = [...new Set([...known.keys(), ...Object.keys(slots)])]
  return names.flatMap((name) => {
    const slot = known.get(name)
    if (!slot) return [`${name} of ${where}, which no step of the optimizer keeps`]
    const array: unknown = slots[name]
    const shape = tf.tidy(() => (slot.start ? slot.start(param).shape : param.shape))
    if (isNdArray(array) && String(array.shape) === String(shape) && array.dtype === 'float32') return []
    return [`${name} of ${where} is ${describe(array)}, expected float32 [${shape}]`]
  })
}
