import { beforeAll, describe, expect, it } from 'vitest'
import { type EngineName, useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { adam, chain, sgd } from './alias.js'
import { lookahead } from './lookahead.js'
import type { Optimizer } from './optimizer.js'
import { radam } from './radam.js'
import { ranger } from './ranger.js'

const variable = (value: number) => tf.tidy(() => tf.variable(tf.tensor1d([value])))
const of = (v: tf.Variable) => v.dataSync()[0]!

function step(opt: Optimizer, ...grads: readonly (readonly [tf.Variable, number])[]): void {
  tf.tidy(() => opt.step(new Map(grads.map(([v, g]) => [v, tf.tensor1d([g])]))))
}

const engines: readonly EngineName[] = ['cpu', 'wasm']

describe.each(engines)('lookahead on %s', (engine) => {
  beforeAll(async () => {
    await useEngine(engine)
  })

  it('goes back some of the way every k steps', () => {
    const v = variable(1)
    using opt = lookahead(sgd(), { k: 3, alpha: 0.25 })([[v]], 0.1)
    const seen = Array.from({ length: 6 }, () => {
      step(opt, [v, 1])
      return of(v)
    })
    for (const [i, want] of [0.9, 0.8, 0.925, 0.825, 0.725, 0.85].entries())
      expect(seen[i], `step ${i + 1}`).toBeCloseTo(want, 6)
    expect([...opt.state.get(v)!.slots.keys()]).toEqual(['slow'])
    v.dispose()
  })

  it('of one kernel is that of its steps, and leaves the slow weights alone in between', () => {
    const [a, b] = [variable(1), variable(1)]
    using fused = lookahead(adam(), { k: 2 })([[a]], 0.1)
    using composed = lookahead(
      (groups, lr) =>
        chain([...adam()(groups, lr).steps, { name: 'noop', run() {} }], { wd: 0.01 })(groups, lr),
      { k: 2 },
    )([[b]], 0.1)
    const slow = (opt: Optimizer, v: tf.Variable) => of(opt.state.get(v)!.slots.get('slow')!)
    for (const [t, g] of [0.5, -0.3, 0.2, 0.9, -1, 0.1, 0.4].entries()) {
      step(fused, [a, g])
      step(composed, [b, g])
      expect(of(a)).toBeCloseTo(of(b), 6)
      expect(slow(fused, a)).toBeCloseTo(slow(composed, b), 6)
      expect(slow(fused, a) === of(a), `step ${t + 1}`).toBe(t % 2 === 1)
    }
    tf.dispose([a, b])
  })
})

describe('lookahead', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it('has a count and slow weights for each parameter, whichever are frozen', () => {
    const [a, b] = [variable(1), variable(1)]
    using opt = lookahead(sgd(), { k: 2, alpha: 0.5 })([[a], [b]], 0.1)
    step(opt, [a, 1], [b, 1])
    opt.freezeTo(1)
    step(opt, [a, 1], [b, 1])
    expect(of(a)).toBeCloseTo(0.9, 6)
    expect(of(b)).toBeCloseTo(0.9, 6)
    opt.freezeTo(0)
    step(opt, [a, 1], [b, 1])
    expect(of(a)).toBeCloseTo(0.9, 6)
    expect(of(b)).toBeCloseTo(0.8, 6)
    expect([opt.state.get(a)!.count, opt.state.get(b)!.count]).toEqual([2, 3])
    tf.dispose([a, b])
  })

  it('begins anew from where the weights are once its state is cleared', () => {
    const v = variable(1)
    using opt = lookahead(sgd(), { k: 2, alpha: 0 })([[v]], 0.1)
    step(opt, [v, 1])
    opt.clearState()
    step(opt, [v, 1])
    step(opt, [v, 1])
    expect(of(v)).toBeCloseTo(0.9, 6)
    v.dispose()
  })

  it('keeps the hyper-parameters of every group, which can be set', () => {
    const [a, b] = [variable(1), variable(1)]
    using opt = lookahead(radam({ wd: [0.1, 0.2] }))([[a], [b]], [1, 2])
    expect(opt.hypers.map((h) => [h['wd'], h['lr']])).toEqual([
      [0.1, 1],
      [0.2, 2],
    ])
    opt.setHyper('lr', 3)
    expect(opt.hypers.map((h) => h['lr'])).toEqual([3, 3])
    expect(opt.steps.at(-1)!.name).toBe('lookahead(6, 0.5)')
    tf.dispose([a, b])
  })

  it('over RAdam is ranger', () => {
    const v = variable(1)
    using opt = ranger({ k: 4, beta: 3 })([[v]], 0.2)
    expect(opt.hypers).toEqual([{ mom: 0.95, sqrMom: 0.99, eps: 1e-6, wd: 0.01, beta: 3, lr: 0.2 }])
    expect(opt.steps.map((s) => s.name)).toEqual([
      'weightDecay',
      'averageGrad(dampened)',
      'averageSqrGrad',
      'stepCount',
      'radamStep',
      'lookahead(4, 0.5)',
    ])
    v.dispose()
  })

  it('takes whole steps and a share', () => {
    for (const k of [0, -1, 1.5, Number.NaN, '6' as never])
      expect(() => lookahead(sgd(), { k })).toThrow(
        'lookahead: k must be a whole number of steps from 1, got',
      )
    for (const alpha of [-0.1, 1.1, Number.NaN])
      expect(() => ranger({ alpha })).toThrow(
        `lookahead: alpha must be a number from 0 to 1, got ${alpha}\n  → `,
      )
    expect(() => lookahead({} as never)).toThrow('lookahead takes what makes an optimizer, got {}')
  })
})
