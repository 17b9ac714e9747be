import { Random } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineName, useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { adam, chain, sgd } from './alias.js'
import { lrSlice } from './hypers.js'
import { type OptFunc, Optimizer } from './optimizer.js'
import {
  adamStep,
  averageGrad,
  averageSqrGrad,
  l2Reg,
  momentumStep,
  type Step,
  sgdStep,
  stepCount,
  weightDecay,
} from './steps.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const variable = (values: readonly number[]) => tf.tidy(() => tf.variable(tf.tensor1d([...values])))
const close = (got: ArrayLike<number>, want: readonly number[], digits = 5) => {
  expect(got).toHaveLength(want.length)
  for (const [i, w] of want.entries()) expect(got[i], `element ${i}`).toBeCloseTo(w, digits)
}

/** One step with a gradient for some variables. */
function step(opt: Optimizer, grads: readonly (readonly [tf.Variable, readonly number[]])[]): void {
  tf.tidy(() => opt.step(new Map(grads.map(([v, g]) => [v, tf.tensor1d([...g])]))))
}

/** The values of one number under an optimizer, step by step. */
function path(optFunc: OptFunc, grads: readonly number[], lr = 0.1): number[] {
  const v = variable([1])
  using opt = optFunc([[v]], lr)
  const values = grads.map((g) => {
    step(opt, [[v, [g]]])
    return v.dataSync()[0]!
  })
  v.dispose()
  return values
}

const engines: readonly EngineName[] = ['cpu', 'wasm']

describe.each(engines)('on %s', (engine) => {
  beforeAll(async () => {
    await useEngine(engine)
  })
  afterAll(async () => {
    await useEngine('cpu')
  })

  it('Adam and SGD take fastai’s steps', () => {
    close(path(adam({ wd: 0.01 }), [0.5, -0.2, 0.1]), [0.899002, 0.863486543, 0.824547082])
    close(path(sgd({ mom: 0.9, wd: 0.01 }), [0.5, -0.2, 0.1]), [0.949, 0.923051, 0.889627949])
    close(path(sgd(), [0.5, -0.2]), [0.95, 0.97])
    close(path(sgd({ wd: 0.1, decoupleWd: false }), [0.5]), [1 - 0.1 * 0.6])
  })

  const random = new Random(3, 'optimizer test')
  const normals = (n: number) => Array.from({ length: n }, () => random.normal())
  const noop: Step = { name: 'noop', run: () => {} }
  const pairs: readonly (readonly [string, readonly Step[], Record<string, number>])[] = [
    [
      'adam',
      [weightDecay(), averageGrad({ dampening: true }), averageSqrGrad(), stepCount(), adamStep()],
      { wd: 0.01 },
    ],
    [
      'adam with l2',
      [l2Reg(), averageGrad({ dampening: true }), averageSqrGrad(), stepCount(), adamStep()],
      { wd: 0.01, mom: 0.8 },
    ],
    ['sgd', [weightDecay(), sgdStep()], { wd: 0.1 }],
    ['sgd without decay', [sgdStep()], {}],
    ['momentum', [l2Reg(), averageGrad(), momentumStep()], { wd: 0.1, mom: 0.5 }],
  ]

  it.each(pairs)('%s in one kernel is the chain of its steps', (_, steps, hypers) => {
    const start = normals(50)
    const [a, b] = [variable(start), variable(start)]
    using fused = chain(steps, hypers)([[a]], 0.01)
    using composed = chain([...steps, noop], hypers)([[b]], 0.01)
    for (let i = 0; i < 5; i++) {
      const g = normals(50)
      step(fused, [[a, g]])
      step(composed, [[b, g]])
    }
    close(a.dataSync(), [...b.dataSync()], 5)
    const slots = (opt: Optimizer, v: tf.Variable) =>
      [...opt.state.get(v)!.slots].map(([name, slot]) => [name, slot] as const).sort()
    for (const [i, [name, slot]] of slots(fused, a).entries()) {
      const [otherName, other] = slots(composed, b)[i]!
      expect(name).toBe(otherName)
      close(slot.dataSync(), [...other.dataSync()], 5)
    }
    tf.dispose([a, b])
  })
})

describe('state', () => {
  // tfjs's Adam keeps its averages by position in the list of variables: freezing the first one gives 0.832 here.
  it('belongs to a parameter, whichever others are frozen', () => {
    const [a, b] = [variable([1]), variable([1])]
    using opt = adam({ wd: 0, eps: 1e-8 })([[a], [b]], 0.1)
    step(opt, [
      [a, [-0.3]],
      [b, [1]],
    ])
    close(b.dataSync(), [0.9])
    opt.freezeTo(1)
    step(opt, [
      [a, [-0.3]],
      [b, [1]],
    ])
    close(b.dataSync(), [0.8])
    close(a.dataSync(), [1.1])
    opt.freezeTo(0)
    step(opt, [
      [a, [-0.3]],
      [b, [1]],
    ])
    close(a.dataSync(), [1.2])
    close(b.dataSync(), [0.7])
    expect([opt.state.get(a)!.count, opt.state.get(b)!.count]).toEqual([2, 3])
    tf.dispose([a, b])
  })

  it('is forgotten by clearState, and made anew', () => {
    const v = variable([1])
    using opt = adam({ wd: 0 })([[v]], 0.1)
    const first = () => {
      const before = v.dataSync()[0]!
      step(opt, [[v, [1]]])
      return before - v.dataSync()[0]!
    }
    const once = first()
    opt.clearState()
    expect(opt.state.size).toBe(0)
    expect(first()).toBeCloseTo(once, 6)
    v.dispose()
  })

  it('is given back twice without harm', () => {
    const v = variable([1])
    const opt = adam()([[v]])
    step(opt, [[v, [1]]])
    opt[Symbol.dispose]()
    opt[Symbol.dispose]()
    expect(v.isDisposed).toBe(false)
    v.dispose()
  })
})

describe('groups', () => {
  it('have hyper-parameters of their own: a number, a list, or a slice', () => {
    const groups = [variable([1]), variable([1]), variable([1])]
    const opt = sgd()(groups.map((g) => [g]))
    const rates = () => opt.hypers.map((h) => h['lr']!)
    expect(rates()).toEqual([1e-3, 1e-3, 1e-3])
    opt.setHyper('lr', [3, 2, 1])
    expect(rates()).toEqual([3, 2, 1])
    opt.setHyper('lr', { start: 1e-6, stop: 1e-4 })
    close(rates(), [1e-6, 1e-5, 1e-4], 12)
    opt.setHyper('lr', { stop: 1e-3 })
    close(rates(), [1e-4, 1e-4, 1e-3], 12)
    expect(() => opt.setHyper('lr', [1, 2])).toThrow(
      'Trying to set 2 values for lr but there are 3 parameter groups.',
    )
    expect(() => opt.setHyper('lr', Number.NaN)).toThrow(
      'lr must be a number ≥ 0, got NaN\n  → say one number, a list',
    )
    tf.dispose(groups)
  })

  it('have momentum of their own', () => {
    const [a, b] = [variable([1]), variable([1])]
    using opt = sgd({ mom: [0.9, 0.5], wd: lrSlice(0.1) })([[a], [b]], 0.1)
    expect(opt.hypers).toEqual([
      { wd: 0.01, mom: 0.9, lr: 0.1 },
      { wd: 0.1, mom: 0.5, lr: 0.1 },
    ])
    for (const _ of [1, 2]) {
      step(opt, [
        [a, [1]],
        [b, [1]],
      ])
    }
    close(
      [a, b].flatMap((v) => [...v.dataSync()]),
      [0.708100975, 0.731100023],
    )
    tf.dispose([a, b])
  })

  it('freeze from the front, but for parameters that always train', () => {
    const [a, norm, b] = [variable([1]), variable([1]), variable([1])]
    using opt = sgd({ wd: 0.1 })([[a, norm], [b]], 0.1)
    opt.forceTrain.add(norm)
    opt.freezeTo(-1)
    expect(opt.frozenIdx).toBe(1)
    expect(opt.trainable).toEqual([norm, b])
    step(opt, [
      [a, [1]],
      [norm, [1]],
      [b, [1]],
    ])
    // The frozen one does not even decay.
    close(
      [a, norm, b].flatMap((v) => [...v.dataSync()]),
      [1, 0.89, 0.89],
    )
    for (const [n, frozen] of [
      [0, 0],
      [-2, 0],
      [-5, 0],
      [2, 2],
      [9, 2],
    ] as const) {
      opt.freezeTo(n)
      expect(opt.frozenIdx, `freezeTo(${n})`).toBe(frozen)
    }
    expect(opt.trainable).toEqual([norm])
    tf.dispose([a, norm, b])
  })

  it('leave alone what has no gradient, and do not decay what they are told not to', () => {
    const [weight, bias, unused] = [variable([1]), variable([1]), variable([1])]
    using opt = sgd({ wd: 0.1 })([[weight, bias, unused]], 1)
    opt.noDecay.add(bias)
    step(opt, [
      [weight, [0]],
      [bias, [0]],
    ])
    close(
      [weight, bias, unused].flatMap((v) => [...v.dataSync()]),
      [0.9, 1, 1],
    )
    tf.dispose([weight, bias, unused])
  })
})

describe('chains', () => {
  it('are made of steps of one’s own', () => {
    const signSgd = chain([
      weightDecay(),
      {
        name: 'sign',
        run: (s, h) => {
          s.param = tf.sub(s.param, tf.mul(tf.sign(s.grad), h['lr']!))
        },
      },
    ])
    close(path(signSgd, [7, -0.001], 0.1), [0.9, 1])
  })

  it('keep slots from step to step', () => {
    const nesterov: Step = {
      name: 'twice',
      hypers: { mom: 0.5 },
      slots: ['sum'],
      run(s, h) {
        s.slots['sum'] = tf.add(tf.mul(s.slots['sum']!, h['mom']!), s.grad)
        s.param = tf.sub(s.param, tf.mul(s.slots['sum'], h['lr']!))
      },
    }
    close(path(chain([nesterov]), [1, 0], 0.1), [0.9, 0.85])
    close(path(chain([nesterov], { mom: 0 }), [1, 0], 0.1), [0.9, 0.9])
  })

  it('run a step of one’s own even where it has the name of a known one', () => {
    const half: Step = {
      name: 'sgdStep',
      run: (s, h) => {
        s.param = tf.sub(s.param, tf.mul(s.grad, h['lr']! / 2))
      },
    }
    close(path(chain([half]), [1], 0.1), [0.95])
  })

  it('leave nothing behind when a step throws', () => {
    const v = variable([1])
    using opt = new Optimizer(
      [[v]],
      [
        averageGrad(),
        {
          name: 'broken',
          run() {
            throw new Error('no step')
          },
        },
      ],
      { lr: 1 },
    )
    expect(() => step(opt, [[v, [1]]])).toThrow('no step')
    expect(v.dataSync()[0]).toBe(1)
    v.dispose()
  })
})
