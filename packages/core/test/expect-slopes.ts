import { Random } from '@espalier/data'
import { expect } from 'vitest'
import { record } from '../src/engine/tape.js'
import * as tf from '../src/engine/tf.js'
import type { AnyModule } from '../src/nn/module.js'

/** Normal draws that are the same in every run. */
export function drawn(shape: readonly number[], seed = 1): tf.Tensor4D {
  const random = new Random(seed, 'drawn')
  const size = shape.reduce((a, b) => a * b, 1)
  const values = Float32Array.from({ length: size }, () => random.normal())
  return tf.tensor<tf.Rank.R4>(values, [...shape] as [number, number, number, number])
}

/** Gives every weight of a module new values: what begins at zero hides mistakes. */
export function shake(module: AnyModule, scale = 0.5): void {
  for (const [i, v] of module.parameters().entries())
    tf.tidy(() => v.assign(tf.add(v, tf.mul(drawn(v.shape, i + 7), scale))))
}

export const numbers = (t: tf.Tensor): number[] => [...t.dataSync()]
export const run = (module: AnyModule, x: tf.Tensor): tf.Tensor4D => module.forward(x as never) as tf.Tensor4D

/**
 * Compares the gradients of sum(y·r) in the input and in every weight with the slopes of lines through two points, at a
 * few places each.
 */
export function expectSlopes(module: AnyModule, shape: readonly number[], step = 1e-2): void {
  const x = tf.tidy(() => tf.variable(drawn(shape)))
  try {
    tf.tidy(() => compareSlopes(module, x, step))
  } finally {
    x.dispose()
  }
}

function compareSlopes(module: AnyModule, x: tf.Variable, step: number): void {
  const r = drawn(run(module, x).shape, 2)
  const value = () => tf.sum(tf.mul(run(module, x), r))
  const variables: tf.Variable[] = [x, ...module.parameters()]
  const { result, tape } = record(value)
  for (const [i, grad] of tape.backward(result, variables).entries()) {
    const v = variables[i]!
    const [slopes, at] = [numbers(grad!), numbers(v)]
    const scale = Math.max(...slopes.map(Math.abs), 1e-1)
    const set = (values: readonly number[]) => v.assign(tf.tensor(Float32Array.from(values), v.shape))
    let compared = 0
    for (let k = 0; k < at.length; k += Math.ceil(at.length / 6)) {
      const moved = (by: number) => {
        set(at.map((a, j) => (j === k ? a + by : a)))
        return numbers(value())[0]!
      }
      const [below, here, above] = [moved(-step), moved(0), moved(step)]
      set(at)
      // Where the slopes on both sides differ there is a kink (a ReLU turns on), and no derivative.
      if (Math.abs(above - 2 * here + below) / step > 0.02 * scale) continue
      const slope = (above - below) / (2 * step)
      const off = Math.abs(slope - slopes[k]!) / scale
      expect(off, `variable ${i} place ${k}: ${slopes[k]} and ${slope}`).toBeLessThan(0.02)
      compared++
    }
    expect(compared, `places of variable ${i} that could be compared`).toBeGreaterThan(0)
  }
}
