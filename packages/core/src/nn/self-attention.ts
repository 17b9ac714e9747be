import * as tf from '../engine/tf.js'
import { convLayer } from './conv-layer.js'
import { Module, param } from './module.js'
import type { Sequential } from './sequential.js'

/**
 * Lets every place of a feature map look at every other (Zhang et al. 2018; fastai's `SelfAttention`), with weights
 * under spectral norm: `[b, h, w, n]` → `[b, h, w, n]`. It begins as the identity. Memory grows with (h·w)².
 */
export class SelfAttention extends Module<[tf.Tensor4D], tf.Tensor4D> {
  /** How much of what is seen is added, `[1]`; 0 at first. */
  readonly gamma: tf.Variable<tf.Rank.R1>
  readonly query: Sequential<[tf.Tensor3D], tf.Tensor3D>
  readonly key: Sequential<[tf.Tensor3D], tf.Tensor3D>
  readonly value: Sequential<[tf.Tensor3D], tf.Tensor3D>

  constructor(nChannels: number) {
    super()
    const project = (n: number) =>
      convLayer(nChannels, n, { ks: 1, ndim: 1, normType: 'spectral', act: null, bias: false })
    const few = Math.max(1, Math.floor(nChannels / 8))
    this.gamma = param(tf.zeros<tf.Rank.R1>([1]))
    this.query = project(few)
    this.key = project(few)
    this.value = project(nChannels)
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const [b, h, w, n] = x.shape
    const places = tf.reshape<tf.Rank.R3>(x, [b, h * w, n])
    // As in fastai, and unlike the paper, it is the keys' places that look at the queries'.
    const scores = tf.matMul(this.key.forward(places), this.query.forward(places), false, true)
    const attention = tf.softmax(scores) // [b, h·w, h·w]: of each place, how much it looks at each other
    const seen = tf.matMul(attention, this.value.forward(places))
    return tf.reshape(tf.add(tf.mul(seen, this.gamma), places), [b, h, w, n])
  }
}
