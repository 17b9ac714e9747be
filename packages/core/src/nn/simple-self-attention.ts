import * as tf from '../engine/tf.js'
import { kaimingNormal } from './init.js'
import { Module, param } from './module.js'
import { SpectralNormConv2d } from './reparam-conv2d.js'

/**
 * Self-attention without a softmax, whose cost grows with the channels and not with the places (fastai's
 * `SimpleSelfAttention`): `[b, h, w, n]` → the same. It begins as the identity.
 */
export class SimpleSelfAttention extends Module<[tf.Tensor4D], tf.Tensor4D> {
  /** Over sequences of places, under spectral norm. */
  readonly conv: SpectralNormConv2d
  /** How much of what is seen is added, `[1]`; 0 at first. */
  readonly gamma: tf.Variable<tf.Rank.R1>

  constructor(nIn: number, ks = 1) {
    super()
    this.gamma = param(tf.zeros<tf.Rank.R1>([1]))
    this.conv = new SpectralNormConv2d(nIn, nIn, ks, {
      ndim: 1,
      padding: Math.floor(ks / 2),
      bias: false,
      init: (shape) => kaimingNormal(shape),
    })
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const [b, h, w, n] = x.shape
    const places = tf.reshape<tf.Rank.R3>(x, [b, h * w, n])
    const projected = this.conv.forward(places as unknown as tf.Tensor4D) as unknown as tf.Tensor3D
    const seen = tf.matMul(projected, tf.matMul(places, places, true, false)) // [b, h·w, n] · [b, n, n]
    return tf.reshape(tf.add(tf.mul(seen, this.gamma), places), [b, h, w, n])
  }
}
