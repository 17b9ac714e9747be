import { beforeAll, describe, expect, it } from 'vitest'
import { relu } from '../kernels/relu.js'
import { useEngine } from './engine.js'
import { record } from './tape.js'
import * as tf from './tf.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const values = (t: tf.Tensor | undefined) => t && [...t.dataSync()]

/** The gradients of `f` with respect to the given tensors, as numbers; nothing is left behind. */
function gradients(f: () => tf.Tensor, wanted: readonly tf.Tensor[]): (number[] | undefined)[] {
  const { result, tape } = record(f)
  const grads = tape.backward(result, wanted)
  const numbers = grads.map(values)
  tf.dispose([result, ...grads.flatMap((g) => g ?? [])])
  return numbers
}

describe('backward', () => {
  it('adds up what a tensor gets from all its uses', () => {
    const x = tf.tensor1d([2, -3])
    expect(gradients(() => tf.sum(tf.add(tf.mul(x, x), tf.mul(x, 4))), [x])).toEqual([[8, -2]])
    expect(gradients(() => tf.sum(tf.mul(x, x)), [x, x])).toEqual([
      [4, -6],
      [4, -6],
    ])
    x.dispose()
  })

  it('gives undefined where the result does not depend on a tensor', () => {
    const [x, y] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])]
    expect(gradients(() => tf.sum(tf.mul(x, 3)), [x, y])).toEqual([[3, 3], undefined])
    expect(gradients(() => tf.scalar(1), [x])).toEqual([undefined])
    tf.dispose([x, y])
  })

  it('gives the gradients of tensors in the middle, and of the result itself', () => {
    const x = tf.tensor1d([1, -2])
    const { result, tape } = record(() => {
      const hidden = tf.mul(x, 3)
      const loss = tf.sum(tf.square(hidden))
      return { hidden, loss }
    })
    const grads = tape.backward(result.loss, [result.hidden, x, result.loss])
    expect(grads.map(values)).toEqual([[6, -12], [18, -36], [1]])
    tf.dispose([x, grads as tf.Tensor[], result])
  })

  it('is that of a variable too', () => {
    const v = tf.tidy(() => tf.variable(tf.tensor1d([5])))
    expect(gradients(() => tf.sum(tf.mul(v, v)), [v])).toEqual([[10]])
    v.dispose()
  })

  it('agrees with tfjs over operations that hand their gradient on', () => {
    const x = tf.tensor2d([1, -2, 3, -4], [2, 2])
    const f = (t: tf.Tensor) =>
      tf.sum(tf.mul(tf.add(tf.reshape(t, [4]), relu(tf.reshape(t, [4]))), tf.reshape(tf.transpose(t), [4])))
    const dx = tf.grad(f)(x)
    expect(gradients(() => f(x), [x])).toEqual([values(dx)])
    tf.dispose([x, dx])
  })
})

describe('what goes wrong', () => {
  it('an operation without a gradient is named', () => {
    const x = tf.tensor1d([1, 2])
    const { result, tape } = record(() => tf.sum(tf.topk(x, 1).values))
    expect(() => tape.backward(result, [x])).toThrow("the operation 'TopK' has no gradient")
    tape[Symbol.dispose]()
    tf.dispose([result, x])
  })

  it('a throw while recording leaves nothing and does not stop the next one', () => {
    const x = tf.tensor1d([1, 2])
    expect(() =>
      record(() => {
        tf.square(tf.mul(x, x))
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(gradients(() => tf.sum(tf.square(x)), [x])).toEqual([[2, 4]])
    x.dispose()
  })

  it('a gradient that throws leaves nothing', () => {
    const x = tf.tensor1d([1, 2])
    const broken = tf.customGrad((t) => ({
      value: tf.square(t as tf.Tensor),
      gradFunc: () => {
        throw new Error('no slope')
      },
    }))
    const { result, tape } = record(() => tf.sum(tf.mul(broken(x), x)))
    expect(() => tape.backward(result, [x])).toThrow('no slope')
    tape[Symbol.dispose]()
    tf.dispose([result, x])
  })

  it('a recording inside a recording is refused, and the outer one goes on', () => {
    const x = tf.tensor1d([3])
    expect(
      gradients(() => {
        expect(() => record(() => tf.scalar(1))).toThrow('already recording')
        return tf.sum(tf.square(x))
      }, [x]),
    ).toEqual([[6]])
    x.dispose()
  })

  it('a tape that is not walked is given back by dispose', () => {
    const x = tf.tensor1d([1, 2])
    const { result, tape } = record(() => tf.sum(tf.square(tf.square(x))))
    tape[Symbol.dispose]()
    tape[Symbol.dispose]()
    tf.dispose([result, x])
  })
})

it('gives saved tensors back as the walk passes them', () => {
  const layers = 20
  const weights = Array.from({ length: layers }, () => tf.fill([256], 0.9))
  const x = tf.ones([256])
  const start = tf.memory().numDataBuffers
  const held: number[] = []
  // Each layer notes, while its gradient is computed, how much is held; a clone shares its numbers.
  const layer = tf.customGrad((a, w, save) => {
    ;(save as tf.GradSaveFunc)([a as tf.Tensor, w as tf.Tensor])
    return {
      value: tf.mul(a as tf.Tensor, w as tf.Tensor),
      gradFunc: (dy, saved) => {
        held.push(tf.memory().numDataBuffers - start)
        return [tf.mul(dy as tf.Tensor, saved[1]!), tf.mul(dy as tf.Tensor, saved[0]!)]
      },
    }
  })
  const { result, tape } = record(() => tf.sum(weights.reduce<tf.Tensor>((a, w) => layer(a, w), x)))
  const forward = tf.memory().numDataBuffers - start
  expect(forward).toBeGreaterThanOrEqual(layers)
  const grads = tape.backward(result, [x])
  expect(held).toHaveLength(layers)
  expect(Math.max(...held)).toBeLessThanOrEqual(forward + 2)
  // Half way down, half of the activations are gone; at the end all of them.
  expect(held[layers / 2]).toBeLessThanOrEqual(layers / 2 + 4)
  expect(held.at(-1)).toBeLessThanOrEqual(4)
  tf.dispose([result, x, weights, grads as tf.Tensor[]])
})
