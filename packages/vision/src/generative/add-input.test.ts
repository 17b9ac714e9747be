import { Conv2d, Linear, Module, ReLU, record, Sequential, tf, useEngine, withSeed } from '@espalier/core'
import { beforeAll, expect, it } from 'vitest'
import { sines } from '../../test/sines.js'
import { AddInput } from './add-input.js'

beforeAll(() => useEngine('cpu'))

type Images = tf.Tensor4D
const small = (nOut = 3) =>
  withSeed(
    1,
    () =>
      new Sequential<[Images], Images>([
        new Conv2d(3, 4, 3, { padding: 1 }),
        new ReLU(),
        new Conv2d(4, nOut, 3, { padding: 1 }),
      ]),
  )
const pictures = () => tf.tensor4d(sines([1, 5, 6, 3], 1).data as Float32Array, [1, 5, 6, 3])

it('begins at the picture as it is, and can leave it', () => {
  using model = new AddInput(small())
  tf.tidy(() => {
    const x = pictures()
    expect([...model.forward(x).dataSync()]).toEqual([...x.dataSync()])
    const weights = model.parameters()
    const { result, tape } = record(() => tf.sum(tf.square(tf.sub(model.forward(x), 1))))
    const gradients = tape.backward(result, weights)
    // Only the last filter and its bias hear at first; the others do once it is no longer 0.
    const heard = gradients.map((g) => Math.max(...g!.dataSync().map(Math.abs)) > 0)
    expect(heard).toEqual([false, false, true, true])
    weights[2]!.assign(tf.fill(weights[2]!.shape, 0.1))
    const missing = model.model.forward(x)
    expect([...model.forward(x).dataSync()]).toEqual([...tf.add(x, missing).dataSync()])
  })
  expect([...model.weights()].map((w) => w.path)).toContain('model.0.weight')
})

class NoPicture extends Module<[Images], Images> {
  readonly linear = new Linear(3, 3)
  forward(x: Images): Images {
    return x
  }
}

it('says what is wrong', () => {
  using none = new NoPicture()
  expect(() => new AddInput(none)).toThrow('the NoPicture has no convolution')
  using two = new AddInput(small(2))
  tf.tidy(() => {
    expect(() => two.forward(pictures())).toThrow('but the model gave [1,5,6,2]')
  })
})
