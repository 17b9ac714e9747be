import * as tf from '../engine/tf.js'
import { ReLU, Sigmoid } from './activations.js'
import { Conv2d } from './conv2d.js'
import { type AnyModule, Module } from './module.js'
import { AdaptiveAvgPool2d } from './pools.js'

/** Scales each channel by what the whole picture says of it (Hu et al. 2017), with torchvision's names. */
export class SqueezeExcite extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly avgpool = new AdaptiveAvgPool2d(1)
  readonly fc1: Conv2d
  readonly fc2: Conv2d
  readonly activation: AnyModule
  readonly scaleActivation = new Sigmoid()

  /** From `nIn` channels to `squeezed` and back. */
  constructor(nIn: number, squeezed: number, activation: AnyModule = new ReLU()) {
    super()
    this.fc1 = new Conv2d(nIn, squeezed, 1)
    this.fc2 = new Conv2d(squeezed, nIn, 1)
    this.activation = activation
  }

  override get kind(): string {
    return 'SqueezeExcitation'
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const squeezed = this.fc1.forward(this.avgpool.forward(x)) // [b, 1, 1, squeezed]
    const excited = this.fc2.forward(this.activation.forward(squeezed as never) as tf.Tensor4D)
    return tf.mul(x, this.scaleActivation.forward(excited))
  }
}
