import { EspalierError, Random } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineName, useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { adam, chain, sgd } from './alias.js'
import { lrSlice } from './hypers.js'
import { lamb } from './lamb.js'
import { larc } from './larc.js'
import type { OptFunc } from './optimizer.js'
import { qhadam } from './qhadam.js'
import { radam } from './radam.js'
import { radamStep } from './radam-step.js'
import { ranger } from './ranger.js'
import { rmsProp } from './rms-prop.js'
import { averageGrad, averageSqrGrad, l2Reg, type Step, stepCount, weightDecay } from './steps.js'

const variable = (values: readonly number[]) => tf.tidy(() => tf.variable(tf.tensor1d([...values])))

/** The values of some numbers under an optimizer, step by step, without and with decay. */
function paths(
  optFunc: OptFunc,
  start: readonly number[],
  grads: readonly (readonly number[])[],
  lr = 0.1,
  decays = true,
): number[][] {
  const v = variable(start)
  using opt = optFunc([[v]], lr)
  if (!decays) opt.noDecay.add(v)
  const values = grads.map((g) => {
    tf.tidy(() => opt.step(new Map([[v, tf.tensor1d([...g])]])))
    return [...v.dataSync()]
  })
  v.dispose()
  return values
}

const path = (optFunc: OptFunc, grads: readonly number[]) =>
  paths(
    optFunc,
    [1],
    grads.map((g) => [g]),
  ).flat()

const close = (got: readonly (readonly number[])[], want: readonly (readonly number[])[], digits = 5) => {
  expect(got).toHaveLength(want.length)
  for (const [t, row] of want.entries())
    for (const [i, w] of row.entries())
      expect(got[t]![i], `step ${t + 1}, number ${i}`).toBeCloseTo(w, digits)
}

/** One step of an optimizer on plain numbers, in double precision, written down from its paper. */
type Reference = (s: { p: number[]; a: number[]; v: number[]; t: number }, g: readonly number[]) => void

function referencePaths(step: Reference, start: readonly number[], grads: readonly (readonly number[])[]) {
  const s = { p: [...start], a: start.map(() => 0), v: start.map(() => 0), t: 0 }
  return grads.map((g) => {
    s.t++
    step(s, g)
    return [...s.p]
  })
}

const norm = (x: readonly number[]) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0))

const engines: readonly EngineName[] = ['cpu', 'wasm']

describe.each(engines)('on %s', (engine) => {
  beforeAll(async () => {
    await useEngine(engine)
  })
  afterAll(async () => {
    await useEngine('cpu')
  })

  const random = new Random(11, 'optimizers test')
  const normals = () => Array.from({ length: 6 }, () => random.normal())
  const start = normals()
  const grads = Array.from({ length: 9 }, normals)

  it('RMSProp takes fastai’s steps, and uses its eps', () => {
    const got = path(rmsProp(), [0.5, -0.2, 0.1])
    expect(got[0]).toBeCloseTo(2e-7, 6)
    close([got.slice(1)], [[0.373002054, 0.18877003]])
    expect(path(rmsProp({ eps: 0.05 }), [0.5])[0]).toBeCloseTo(1 - 0.05 / 0.1, 6)
  })

  it('RMSProp with momentum divides the average that is not dampened', () => {
    const want = referencePaths(
      (s, g) => {
        for (const [i, d] of g.entries()) {
          s.a[i] = 0.9 * s.a[i]! + d
          s.v[i] = 0.8 * s.v[i]! + 0.2 * d * d
          s.p[i]! -= (0.1 * s.a[i]!) / (Math.sqrt(s.v[i]!) + 1e-3)
        }
      },
      start,
      grads,
    )
    close(paths(rmsProp({ mom: 0.9, sqrMom: 0.8, eps: 1e-3 }), start, grads), want, 4)
  })

  it('RAdam takes fastai’s steps, plain for five and rectified from the sixth', () => {
    const got = path(radam(), [0.5, -0.2, 0.1, 0.3, -0.4, 0.2, 0.1, 0.1])
    close(
      [got],
      [[0.95, 0.936842105, 0.924849485, 0.90762064, 0.904366751, 0.90258375, 0.899937511, 0.896408216]],
    )
  })

  it('RAdam in one kernel is the chain of its steps', () => {
    const noop: Step = { name: 'noop', run: () => {} }
    const averages = [averageGrad({ dampening: true }), averageSqrGrad(), stepCount(), radamStep()]
    for (const decay of [weightDecay(), l2Reg()]) {
      const hypers = { mom: 0.8, sqrMom: 0.97, wd: 0.1 }
      const fused = paths(chain([decay, ...averages], hypers), start, grads)
      close(fused, paths(chain([decay, ...averages, noop], hypers), start, grads))
    }
  })

  it('RAdam with beta softens the divisor', () => {
    const [mom, sqr, beta] = [0.9, 0.99, 20]
    const want = referencePaths(
      (s, g) => {
        const most = 2 / (1 - sqr) - 1
        const r = most - (2 * s.t * sqr ** s.t) / (1 - sqr ** s.t)
        for (const [i, d] of g.entries()) {
          s.a[i] = mom * s.a[i]! + (1 - mom) * d
          s.v[i] = sqr * s.v[i]! + (1 - sqr) * d * d
          const a = s.a[i]! / (1 - mom ** s.t)
          const root = Math.sqrt(s.v[i]! / (1 - sqr ** s.t)) + 1e-5
          const v = Math.sqrt(((r - 4) * (r - 2) * most) / ((most - 4) * (most - 2) * r))
          s.p[i]! -= 0.1 * (r > 5 ? (v * a * beta) / Math.log1p(Math.exp(beta * root)) : a)
        }
      },
      start,
      grads,
    )
    close(paths(radam({ beta }), start, grads), want)
  })

  it('QHAdam stands between gradients and their averages', () => {
    const [mom, sqr, nu1, nu2] = [0.95, 0.98, 0.7, 0.6]
    const want = referencePaths(
      (s, g) => {
        for (const [i, d] of g.entries()) {
          s.a[i] = mom * s.a[i]! + (1 - mom) * d
          s.v[i] = sqr * s.v[i]! + (1 - sqr) * d * d
          const a = s.a[i]! / (1 - mom ** s.t)
          const v = s.v[i]! / (1 - sqr ** s.t)
          s.p[i]! -= (0.1 * ((1 - nu1) * d + nu1 * a)) / (Math.sqrt((1 - nu2) * d * d + nu2 * v) + 1e-8)
        }
      },
      start,
      grads,
    )
    close(paths(qhadam({ mom, sqrMom: sqr, nu1, nu2 }), start, grads), want)
  })

  it.each([true, false])('LARC has a rate for each parameter (clip: %s)', (clip) => {
    const [lr, wd, trust] = [0.1, 0.2, 2]
    const rates: number[] = []
    const want = referencePaths(
      (s, g) => {
        for (const i of s.p.keys()) s.p[i]! *= 1 - lr * wd
        const rate = (lr * trust * norm(s.p)) / (norm(g) + norm(s.p) * wd + 1e-8)
        rates.push(rate)
        for (const [i, d] of g.entries()) {
          s.a[i] = 0.9 * s.a[i]! + d
          s.p[i]! -= (clip ? Math.min(lr, rate) : rate) * s.a[i]!
        }
      },
      start,
      grads,
    )
    close(paths(larc({ clip, trustCoeff: trust, wd }), start, grads, lr), want, 4)
    expect(Math.max(...rates)).toBeGreaterThan(lr)
    expect(Math.min(...rates)).toBeLessThan(lr)
  })

  it('LAMB takes fastai’s step, and Adam’s where a norm is nothing', () => {
    close(paths(lamb(), [1, -2], [[0.5, 0.1]]), [[0.84188, -2.158108]])
    const nothing = paths(lamb(), [0, 0], [[0.5, 0.1]])
    close(nothing, paths(adam({ wd: 0 }), [0, 0], [[0.5, 0.1]]))
    expect(paths(lamb(), [1, 2], [[0, 0]])).toEqual([[1, 2]])
    // Ten times the direction at most.
    close(paths(lamb({ eps: 0 }), [100, -100], [[1, 1]]), [[99, -101]])
  })

  it('all decay decoupled or as a penalty, but for parameters that do not', () => {
    for (const make of [rmsProp, radam, qhadam, larc, lamb, ranger]) {
      const once = (wd: number, decoupleWd: boolean, decays: boolean) =>
        paths(make({ wd, decoupleWd }), [2, -1], [[0.3, 0.2]], 0.1, decays)[0]!
      // The rate of a layer knows of the decay of others.
      if (make !== larc) expect(once(0.5, true, false), make.name).toEqual(once(0, true, true))
      const [apart, penalty, none] = [once(0.5, true, true), once(0.5, false, true), once(0, true, true)]
      expect(apart, make.name).not.toEqual(none)
      expect(penalty, make.name).not.toEqual(apart)
    }
  })
})

describe('an optimizer is not made', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })
  const refused = (make: () => unknown, message: string) => {
    expect(make).toThrow(message)
    expect(make).toThrow(EspalierError)
  }

  it('of numbers out of range', () => {
    refused(
      () => adam({ wd: -1 }),
      'adam: wd must be a number at least 0, got -1\n  → leave it out for the usual value, 0.01',
    )
    refused(() => sgd({ mom: 1 }), 'sgd: mom must be a number from 0 to below 1, got 1')
    refused(() => rmsProp({ eps: Number.NaN }), 'rmsProp: eps must be a number at least 0, got NaN')
    refused(() => radam({ beta: -2 }), 'radam: beta must be a number at least 0, got -2')
    refused(() => qhadam({ nu1: 1.5 }), 'qhadam: nu1 must be a number from 0 to 1, got 1.5')
    refused(() => larc({ trustCoeff: Number.POSITIVE_INFINITY }), 'larc: trustCoeff must be a number')
    refused(() => lamb({ sqrMom: [0.9, -1] }), 'lamb: sqrMom must be a number from 0 to below 1, got -1')
    refused(() => lamb({ mom: [] }), 'lamb: mom must be a number from 0 to below 1, got []')
    refused(() => ranger({ eps: '1' as never }), 'radam: eps must be a number at least 0, got string "1"')
    refused(() => adam({ wd: lrSlice(-1, 0.1) }), 'adam: wd must be a number at least 0, got -1')
    refused(() => larc({ clip: 1 as never }), 'larc: clip must be true or false, got number 1')
  })

  it('of options that it has not', () => {
    refused(
      () => adam({ betas: [0.9, 0.99] } as never),
      "adam has no option 'betas'\n  → it has mom, sqrMom, eps, wd, decoupleWd",
    )
    refused(() => rmsProp(0.9 as never), 'rmsProp takes an object of options, got number 0.9')
  })

  it('at a rate that is none', () => {
    const v = variable([1])
    for (const lr of [-1, Number.NaN, Number.POSITIVE_INFINITY, lrSlice(Number.NaN)])
      refused(() => radam()([[v]], lr), 'lr must be a number ≥ 0, got ')
    v.dispose()
  })
})
