import { ndArray } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { type EngineName, useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { adam, sgd } from './alias.js'
import { larc } from './larc.js'
import type { OptFunc, Optimizer } from './optimizer.js'
import type { OptimizerState, SavedParam } from './optimizer-state.js'
import { ranger } from './ranger.js'
import { rmsProp } from './rms-prop.js'

const variable = (values: readonly number[]) => tf.tidy(() => tf.variable(tf.tensor1d([...values])))

/** Two groups of two parameters each, a few steps of an optimizer, and what it makes of them. */
function trained(optFunc: OptFunc) {
  const params = [[1], [2, 3], [4], [5]].map(variable)
  const [a, b, c, d] = params as [tf.Variable, tf.Variable, tf.Variable, tf.Variable]
  const opt = optFunc(
    [
      [a, b],
      [c, d],
    ],
    [0.1, 0.2],
  )
  const step = (t: number) =>
    tf.tidy(() => opt.step(new Map([a, b, c].map((p, i) => [p, tf.fill(p.shape, Math.sin(3 * t + i))]))))
  const values = () => params.flatMap((p) => [...p.dataSync()])
  const dispose = () => {
    opt[Symbol.dispose]()
    tf.dispose(params)
  }
  return { opt, params, step, values, [Symbol.dispose]: dispose }
}

const place = 'parameter 0 of group 0'

/** A change of what is saved of the first parameter. */
const first =
  (change: (p: SavedParam) => unknown) =>
  ({ params: [p, ...rest], ...s }: OptimizerState) => ({ ...s, params: [change(p!), ...rest] })

const withSlot = (name: string, array: unknown) =>
  first((p) => ({ ...p, slots: { ...p.slots, [name]: array } }))

const copy = (state: OptimizerState) => structuredClone(state)

describe.each<EngineName>(['cpu', 'wasm'])('the state of an optimizer on %s', (engine) => {
  beforeAll(async () => {
    await useEngine(engine)
  })

  it.each([
    ['sgd', sgd({ mom: 0.9 })],
    ['adam', adam()],
    ['rmsProp', rmsProp({ mom: 0.9 })],
    ['larc', larc()],
    ['ranger', ranger({ k: 3 })],
  ])('of %s can be put back: it goes on as it would have', (_, optFunc) => {
    using one = trained(optFunc)
    using other = trained(optFunc)
    for (let t = 0; t < 7; t++) one.step(t)
    one.opt.setHyper('lr', [0.3, 0.05])
    one.opt.freezeTo(1)
    one.opt.freezeTo(0)
    const state = copy(one.opt.stateDict())
    other.step(5)
    for (const [i, p] of other.params.entries()) p.assign(one.params[i]!)
    other.opt.loadStateDict(state)
    for (let t = 7; t < 12; t++) {
      one.step(t)
      other.step(t)
    }
    expect(other.values()).toEqual(one.values())
    expect(other.opt.stateDict()).toEqual(one.opt.stateDict())
    expect(state.params.map((p) => [p.group, p.index])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ])
  })
})

describe('the state of an optimizer', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it('is a copy, also of hyper-parameters and of what is frozen', () => {
    using one = trained(adam())
    one.step(0)
    one.opt.freezeTo(-1)
    const state = one.opt.stateDict()
    const before = copy(state)
    one.opt.setHyper('lr', 1)
    one.step(1)
    expect(state).toEqual(before)
    one.opt.freezeTo(0)
    one.opt.loadStateDict(state)
    expect(one.opt.frozenIdx).toBe(1)
    expect(one.opt.hypers.map((h) => h['lr'])).toEqual([0.1, 0.2])
    const slot = one.opt.state.get(one.params[2]!)!.slots.get('gradAvg')!
    for (const s of [state, one.opt.stateDict()]) s.params.at(-1)!.slots['gradAvg']!.data[0] = 100
    expect(slot.dataSync()[0]).not.toBe(100)
  })

  it.each<[message: string, change: (s: OptimizerState) => unknown]>([
    ['it is number 5', () => 5],
    ['it has 1 parameter groups, the optimizer 2', (s) => ({ ...s, hypers: s.hypers.slice(1) })],
    ['frozenIdx is number 3, there are 2 groups', (s) => ({ ...s, frozenIdx: 3 })],
    [
      'group 0 has undefined for wd, group 0 has null for mom',
      ({ hypers: [a, b], ...s }) => ({ ...s, hypers: [{ ...a, wd: undefined, mom: null }, b] }),
    ],
    [
      'group 1 has beta, which the optimizer has not',
      ({ hypers: [a, b], ...s }) => ({ ...s, hypers: [a, { ...b, beta: 1 }] }),
    ],
    [
      `slow of ${place}, which no step of the optimizer keeps`,
      withSlot('slow', ndArray('float32', [1], [1])),
    ],
    [`sqrAvg of ${place} is undefined, expected float32 [1]`, withSlot('sqrAvg', undefined)],
    [
      `sqrAvg of ${place} is float32 [2], expected float32 [1]`,
      withSlot('sqrAvg', ndArray('float32', [2], [1, 2])),
    ],
    [`${place} has taken number 0.5 steps`, first((p) => ({ ...p, count: 0.5 }))],
    ['the optimizer has no parameter 7 of group 0', first((p) => ({ ...p, index: 7 }))],
    [`${place} is there twice`, ({ params, ...s }) => ({ ...s, params: [...params, params[0]] })],
  ])('is refused where %s', (message, change) => {
    using one = trained(adam())
    one.step(0)
    const before = copy(one.opt.stateDict())
    const changed = change(copy(before)) as OptimizerState
    expect(() => one.opt.loadStateDict(changed)).toThrow(`this state does not fit the optimizer: ${message}`)
    expect(one.opt.stateDict()).toEqual(before)
  })

  it('of one with other groups or other averages is refused too', () => {
    using one = trained(adam())
    using other = trained(sgd({ mom: 0.9 }))
    one.step(0)
    const load = (opt: Optimizer) => () => opt.loadStateDict(one.opt.stateDict())
    expect(load(other.opt)).toThrow('group 0 has sqrMom, which the optimizer has not')
    expect(other.opt.state.size).toBe(0)
  })
})
