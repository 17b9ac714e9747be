import { type AnyModule, resetModules, Sequential, type tf } from '@espalier/core'
import type { RecurrentEncoder } from '../models/text-arch.js'
import { noteOutputs } from './rnn-outputs.js'

/**
 * An encoder and what reads it, as one model that can be reset (fastai's `SequentialRNN`). It gives the predictions; what
 * the encoder gave is noted for {@link rnnRegularizer}.
 */
export class SequentialRnn extends Sequential<[tf.Tensor2D], tf.Tensor> {
  constructor(
    /** The encoder, or one that reads long texts with it. */
    readonly encoder: AnyModule,
    /** A decoder, or a head that classifies. */
    readonly head: AnyModule,
  ) {
    super([encoder, head], 'SequentialRNN')
  }

  override forward(words: tf.Tensor2D): tf.Tensor {
    const encoded = this.encoder.forward(words as never)
    const [predictions, raw, dropped] = this.head.forward(encoded as never) as RnnPredictions
    noteOutputs(this, { raw, dropped })
    return predictions
  }

  override reset(): void {
    resetModules(this.encoder)
  }

  /** Gives back the weights, and the states that it carries. */
  override [Symbol.dispose](): void {
    this.reset()
    super[Symbol.dispose]()
  }
}

type RnnPredictions = readonly [predictions: tf.Tensor, raw: tf.Tensor3D, dropped: tf.Tensor3D]

/** The encoder of a model, below the one that reads long texts where there is such. */
export function encoderOf(model: SequentialRnn): RecurrentEncoder {
  const { encoder } = model
  return ('module' in encoder ? encoder.module : encoder) as RecurrentEncoder
}
