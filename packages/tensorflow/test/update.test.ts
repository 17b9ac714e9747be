import { tf, useEngine } from '@espalier/core'
import { type AdamAttrs, updateKernels } from '@espalier/core/kernels'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeNative } from './support/native.js'

const attrs: AdamAttrs = { lr: 0.1, mom: 0.9, sqrMom: 0.99, eps: 1e-5, keep: 0.999, debias: [0.1, 0.01] }
// In JavaScript, by oneDNN, and by TensorFlow; of rows that TensorFlow cuts off without a copy.
for (const shape of [
  [3, 16],
  [70, 64],
  [300, 256],
])
  describeNative(`in-place updates of [${shape}]`, () => {
    const size = shape[0]! * shape[1]!
    let variables: tf.Variable[]
    let grad: tf.Tensor

    beforeEach(async () => {
      await useEngine('native')
      grad = filled(3)
      variables = []
      reset()
    })
    afterEach(() => {
      grad.dispose()
      for (const v of variables) v.dispose()
    })

    const filled = (seed: number) =>
      tf.tensor(
        Float32Array.from({ length: size }, (_, i) => Math.sin(seed * 7 + i)),
        shape,
      )
    const variable = (seed: number) => tf.tidy(() => tf.variable(seed === 0 ? tf.zeros(shape) : filled(seed)))

    /** One step in place. */
    const step = (by = attrs) => updateKernels().adam(variables[0]!, grad, variables[1]!, variables[2]!, by)

    /** What a step should give, from the values as they are. */
    const expected = (by = attrs): readonly (readonly number[])[] => {
      const { lr, mom, sqrMom, eps, keep, debias } = by
      const [p, a, s] = variables.map((v) => Array.from(v.dataSync())) as [number[], number[], number[]]
      const g = Array.from(grad.dataSync())
      const avg = g.map((d, i) => mom * a[i]! + (1 - mom) * d)
      const sqr = g.map((d, i) => sqrMom * s[i]! + (1 - sqrMom) * d * d)
      const step = (i: number) => ((lr / debias[0]) * avg[i]!) / (Math.sqrt(sqr[i]! / debias[1]) + eps)
      return [p.map((v, i) => keep * v - step(i)), avg, sqr]
    }

    /** What the parameter should be after each of some steps from the beginning. */
    const afterSteps = (count: number): readonly (readonly number[])[] => {
      reset()
      return Array.from({ length: count }, () => {
        const [param] = expected()
        step()
        return param!
      })
    }

    const reset = () => {
      for (const v of variables) v.dispose()
      variables = [variable(1), variable(0), variable(0)]
    }

    const expectClose = (t: tf.Tensor, values: readonly number[]) => {
      const got = t.dataSync()
      values.forEach((v, i) => {
        expect(Math.abs(got[i]! - v), `${got[i]} against ${v}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(v)))
      })
    }

    it('gives what Adam gives, step after step', () => {
      for (let n = 0; n < 5; n++) {
        const values = expected()
        step()
        variables.forEach((v, i) => {
          expectClose(v as tf.Tensor, values[i]!)
        })
      }
    })

    it.each([{ mom: 0 }, { mom: 1 }, { sqrMom: 0 }, { keep: 0 }, { keep: 1 }, { lr: 0 }])(
      'also with %o',
      (some) => {
        step()
        const by = { ...attrs, ...some }
        const values = expected(by)
        step(by)
        variables.forEach((v, i) => {
          expectClose(v as tf.Tensor, values[i]!)
        })
      },
    )

    it('does not touch clones, slices and reshaped forms of a parameter', () => {
      step()
      const [param] = variables as [tf.Variable]
      const before = Array.from(param.dataSync())
      const clone = tf.clone(param as tf.Tensor)
      const flat = tf.reshape(param as tf.Tensor, [size])
      const values = expected()
      step()
      expectClose(param as tf.Tensor, values[0]!)
      expectClose(clone, before)
      expectClose(flat, before)
      step()
      expectClose(clone, before)
      tf.dispose([clone, flat])
    })

    it('goes on, and touches nothing else, whoever has seen its memory after some steps', () => {
      const [before, after] = afterSteps(4).slice(-2) as [readonly number[], readonly number[]]
      const param = () => variables[0] as tf.Tensor2D
      const seen = [
        () => tf.clone(param()),
        () => tf.slice(param(), [0, 0], [shape[0]! - 1, shape[1]!]),
        () => param().dataSync(),
        () => tf.tidy(() => tf.matMul(param(), param(), true).slice(0, 0)),
      ]
      for (const see of seen) {
        reset()
        for (let n = 0; n < 3; n++) step()
        const other = see()
        step()
        const numbers = other instanceof tf.Tensor ? other : tf.tensor1d(other)
        expectClose(numbers, before.slice(0, numbers.size))
        expectClose(param(), after)
        numbers.dispose()
      }
    })

    it('finds a parameter that was assigned while a clone keeps what it was', () => {
      for (let n = 0; n < 3; n++) step()
      const clone = tf.clone(variables[0] as tf.Tensor)
      const other = filled(9)
      variables[0]!.assign(other)
      step()
      const moved = tf.tidy(() => tf.max(tf.abs(tf.sub(variables[0] as tf.Tensor, other))).dataSync()[0])
      expect(moved).toBeGreaterThan(0.001)
      tf.dispose([clone, other])
    })

    it('goes on where another engine left off', async () => {
      const after = afterSteps(4).at(-1)!
      reset()
      for (let n = 0; n < 3; n++) step()
      await useEngine('cpu')
      tf.tidy(() => {
        for (const v of variables) tf.mul(v as tf.Tensor, 1)
      })
      await useEngine('native')
      step()
      expectClose(variables[0] as tf.Tensor, after)
    })

    it('sees what was assigned to a parameter or an average', () => {
      for (let n = 0; n < 3; n++) step()
      const other = filled(9)
      const clone = tf.clone(variables[0] as tf.Tensor)
      variables[0]!.assign(other)
      variables[1]!.assign(other)
      const values = expected()
      step()
      variables.forEach((v, i) => {
        expectClose(v as tf.Tensor, values[i]!)
      })
      expectClose(
        other,
        Array.from({ length: size }, (_, i) => Math.sin(63 + i)),
      )
      tf.dispose([other, clone])
    })

    it('keeps a tensor whole that a variable was made of', () => {
      const origin = filled(4)
      const param = tf.variable(origin)
      const before = Array.from(origin.dataSync())
      updateKernels().sgd(param, grad, undefined, { lr: 1, mom: 0, keep: 1 })
      expectClose(origin, before)
      expectClose(
        param as tf.Tensor,
        before.map((v, i) => v - grad.dataSync()[i]!),
      )
      tf.dispose([origin, param as tf.Tensor])
    })

    it('decays all the way to nothing', () => {
      const [param, avg] = variables as [tf.Variable, tf.Variable]
      updateKernels().sgd(param, grad, avg, { lr: 2, mom: 0.9, keep: 0 })
      const g = grad.dataSync()
      expectClose(
        param as tf.Tensor,
        Array.from(g, (v) => -2 * v),
      )
    })

    it('leaves nothing behind when variables are disposed or moved to another engine', async () => {
      const backend = tf.backend() as unknown as { binding: { getNumOfTensors(): number } }
      const before = backend.binding.getNumOfTensors()
      const [param, avg, sqrAvg] = [variable(5), variable(6), variable(0)]
      updateKernels().adam(param, grad, avg, sqrAvg, attrs)
      updateKernels().adam(param, grad, avg, sqrAvg, attrs)
      const values = Array.from(param.dataSync())
      await useEngine('cpu')
      tf.tidy(() => expectClose(tf.mul(param as tf.Tensor, 1), values))
      await useEngine('native')
      tf.dispose([param, avg, sqrAvg] as unknown as tf.Tensor[])
      expect(backend.binding.getNumOfTensors() - before).toBeLessThanOrEqual(6)
    })
  })
