import * as tf from '../engine/tf.js'
import { maxPool2d } from '../kernels/pool2d.js'
import { convLayer } from './conv-layer.js'
import { Module, param } from './module.js'
import type { Sequential } from './sequential.js'

type Part = Sequential<[tf.Tensor4D], tf.Tensor4D>

/**
 * Self-attention over a map that is looked at in squares of four (Brock et al. 2018; fastai's
 * `PooledSelfAttention2d`): `[b, h, w, n]` → the same, for n ≥ 8. It begins as the identity.
 */
export class PooledSelfAttention2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  /** How much of what is seen is added, `[1]`; 0 at first. */
  readonly gamma: tf.Variable<tf.Rank.R1>
  readonly query: Part
  readonly key: Part
  readonly value: Part
  readonly out: Part

  constructor(readonly nChannels: number) {
    super()
    const project = (nIn: number, nOut: number): Part =>
      convLayer(nIn, nOut, { ks: 1, normType: 'spectral', act: null, bias: false })
    const [few, half] = [Math.floor(nChannels / 8), Math.floor(nChannels / 2)]
    this.gamma = param(tf.zeros<tf.Rank.R1>([1]))
    this.query = project(nChannels, few)
    this.key = project(nChannels, few)
    this.value = project(nChannels, half)
    this.out = project(half, nChannels)
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const [b, h, w] = x.shape
    const asked = rows(this.query.forward(x)) // [b, h·w, n / 8]
    const answers = rows(maxPool2d(this.key.forward(x), 2)) // [b, h·w / 4, n / 8]
    const values = rows(maxPool2d(this.value.forward(x), 2)) // [b, h·w / 4, n / 2]
    const seen = tf.matMul(tf.softmax(tf.matMul(asked, answers, false, true)), values)
    const back = tf.reshape<tf.Rank.R4>(seen, [b, h, w, values.shape[2]])
    return tf.add(tf.mul(this.out.forward(back), this.gamma), x)
  }
}

/** The places of a map one below the other: `[b, h, w, c]` → `[b, h·w, c]`. */
const rows = (x: tf.Tensor4D): tf.Tensor3D => tf.reshape(x, [x.shape[0], x.shape[1] * x.shape[2], x.shape[3]])
