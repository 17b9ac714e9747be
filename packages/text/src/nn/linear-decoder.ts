import { Module, param, tf, uniform } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { RNNDropout } from './rnn-dropout.js'

/** Logits, and what they were made of: the encoder's output before and after dropout. */
export type Decoded = readonly [logits: tf.Tensor, raw: tf.Tensor3D, dropped: tf.Tensor3D]

/** How a {@link LinearDecoder} is made. */
export interface LinearDecoderOptions {
  /** Dropout before it. Default 0.1. */
  readonly outputP?: number
  /** The table of the embedding, `[nOut, nHid]`: then it is the weight here too (Press & Wolf 2016). */
  readonly tieTo?: tf.Variable<tf.Rank.R2> | undefined
  /** Default true. */
  readonly bias?: boolean
}

/** From what an encoder gives to a number for each word (fastai's `LinearDecoder`): `[b, t, nHid]` → `[b, t, nOut]`. */
export class LinearDecoder extends Module<[tf.Tensor3D], Decoded> {
  readonly outputDp: RNNDropout
  readonly decoder: WordScores

  constructor(nOut: number, nHid: number, { outputP = 0.1, tieTo, bias = true }: LinearDecoderOptions = {}) {
    super()
    if (tieTo && String(tieTo.shape) !== String([nOut, nHid])) {
      throw new EspalierError(
        'decoder/tied',
        `LinearDecoder: a decoder [${[nOut, nHid]}] cannot share an embedding [${tieTo.shape}]`,
        { fix: 'give nOut and nHid of the embedding, or leave out tieTo' },
      )
    }
    this.outputDp = new RNNDropout(outputP)
    this.decoder = new WordScores(nHid, tieTo ?? param(uniform<tf.Rank.R2>([nOut, nHid], 0.1)), bias)
  }

  forward(raw: tf.Tensor3D): Decoded {
    const dropped = this.outputDp.forward(raw)
    return [this.decoder.forward(dropped), raw, dropped]
  }
}

/** x·Wᵀ + b over the last axis; the weight lies as in torch, so that it can be an embedding's. */
class WordScores extends Module<[tf.Tensor3D], tf.Tensor3D> {
  readonly weight: tf.Variable<tf.Rank.R2>
  readonly bias: tf.Variable<tf.Rank.R1> | undefined

  constructor(
    readonly nIn: number,
    weight: tf.Variable<tf.Rank.R2>,
    bias: boolean,
  ) {
    super()
    this.weight = weight
    this.bias = bias ? param(tf.zeros<tf.Rank.R1>([weight.shape[0]])) : undefined
  }

  override get kind(): string {
    return 'Linear'
  }

  forward(x: tf.Tensor3D): tf.Tensor3D {
    const [b, t, n] = x.shape
    const rows = tf.matMul(tf.reshape<tf.Rank.R2>(x, [b * t, n]), this.weight, false, true)
    return tf.reshape(this.bias ? tf.add(rows, this.bias) : rows, [b, t, this.weight.shape[0]])
  }

  override describe(): string {
    const { nIn, weight, bias } = this
    return `in_features=${nIn}, out_features=${weight.shape[0]}, bias=${bias ? 'True' : 'False'}`
  }
}
