import type * as tf from '../engine/tf.js'
import { type AnyModule, Module } from './module.js'
import { Sequential } from './sequential.js'

/** A layer of a {@link SequentialEx} that also gets what went into the whole of it. */
export interface TakesOrig {
  readonly takesOrig: true
  forward(x: tf.Tensor4D, orig: tf.Tensor4D): tf.Tensor4D
}

/**
 * Layers one after the other, some of which look back at what went in: a shortcut without a class of its own (fastai's
 * `SequentialEx`).
 *
 * @example
 * new SequentialEx([convLayer(16, 16), new MergeLayer()]) // x + conv(x)
 */
export class SequentialEx extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly layers: Sequential

  constructor(layers: readonly AnyModule[]) {
    super()
    this.layers = new Sequential(layers, 'ModuleList')
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return this.layers.layers.reduce<tf.Tensor4D>(
      (h, layer) => (takesOrig(layer) ? layer.forward(h, x) : (layer.forward(h as never) as tf.Tensor4D)),
      x,
    )
  }
}

function takesOrig(layer: AnyModule): layer is AnyModule & TakesOrig {
  return 'takesOrig' in layer && layer.takesOrig === true
}
