import { Embedding, Module, type Saved, type tf, uniform, withoutInit } from '@espalier/core'
import type { LstmState } from '@espalier/core/kernels'
import { EmbeddingDropout } from '../nn/embedding-dropout.js'
import { Lstm } from '../nn/lstm.js'
import type { Recurrent } from '../nn/recurrent.js'
import { RNNDropout } from '../nn/rnn-dropout.js'
import { WeightDropout } from '../nn/weight-dropout.js'
import { type AwdLstmConfig, awdLstmClasConfig } from './awd-lstm-config.js'
import { checkSizes } from './check-sizes.js'
import { HiddenStates } from './hidden-states.js'
import type { RecurrentEncoder } from './text-arch.js'

/** The layers of an encoder, in place of LSTMs. */
export type MakeLayer = (nIn: number, nHid: number, config: AwdLstmConfig) => Recurrent

/**
 * The encoder of Merity et al. 2017 (fastai's `AWD_LSTM`): words, LSTMs with dropout of connections, and dropout that is
 * the same at every step in between. `[b, t]` int32 → `[b, t, embSz]`. Its state goes on from batch to batch, without
 * gradient, until `reset`; rows that come in begin with zeros.
 */
export class AwdLstm extends Module<[tf.Tensor2D], tf.Tensor3D> implements RecurrentEncoder {
  readonly encoder: Embedding
  readonly encoderDp: EmbeddingDropout
  readonly rnns: readonly Recurrent[]
  readonly inputDp: RNNDropout
  readonly hiddenDps: readonly RNNDropout[]
  readonly #hidden = new HiddenStates()

  constructor(
    readonly vocabSz: number,
    config: Partial<AwdLstmConfig> = {},
    layer: MakeLayer = droppedLstm,
  ) {
    super()
    const all = { ...awdLstmClasConfig, ...config }
    const { embSz, nHid, nLayers, padToken, bidir, hiddenP, inputP, embedP } = all
    checkSizes({ vocabSz, embSz, nHid, nLayers, bidir })
    this.encoder = words(vocabSz, embSz)
    this.encoderDp = new EmbeddingDropout(this.encoder, embedP, padToken)
    const directions = bidir ? 2 : 1
    this.rnns = Array.from({ length: nLayers }, (_, i) =>
      layer(i === 0 ? embSz : nHid, (i === nLayers - 1 ? embSz : nHid) / directions, all),
    )
    this.inputDp = new RNNDropout(inputP)
    this.hiddenDps = this.rnns.map(() => new RNNDropout(hiddenP))
  }

  override get kind(): string {
    return 'AWD_LSTM'
  }

  get outSize(): number {
    return this.encoder.nDim
  }

  get words(): tf.Variable<tf.Rank.R2> {
    return this.encoder.weight
  }

  /** The states after the last batch: for each layer those of its directions. Empty before the first one. */
  get hidden(): readonly (readonly LstmState[])[] {
    return this.#hidden.layers
  }

  forward(tokens: tf.Tensor2D): tf.Tensor3D {
    const before = this.#hidden.forRows(tokens.shape[0], (b) => this.rnns.map((rnn) => rnn.start(b)))
    let x = this.inputDp.forward(this.encoderDp.forward(tokens))
    const after: (readonly LstmState[])[] = []
    for (const [i, rnn] of this.rnns.entries()) {
      const { y, states } = rnn.forward(x, before[i]!)
      after.push(states)
      x = i < this.rnns.length - 1 ? this.hiddenDps[i]!.forward(y) : y
    }
    this.#hidden.replace(after)
    return x
  }

  override reset(): void {
    this.#hidden.clear()
  }

  keepRows(rows: readonly number[]): void {
    this.#hidden.keepRows(rows)
  }

  override saveState(): Saved {
    return this.#hidden.saved()
  }

  override loadState(saved: Saved): void {
    this.#hidden.load(saved)
  }

  /** Gives back the weights, and the states that it carries. */
  override [Symbol.dispose](): void {
    this.reset()
    super[Symbol.dispose]()
  }
}

const droppedLstm: MakeLayer = (nIn, nHid, { bidir, weightP }) =>
  new WeightDropout(new Lstm(nIn, nHid, bidir), weightP)

/** fastai begins with ±0.1, padding included. */
function words(vocabSz: number, embSz: number): Embedding {
  const table = withoutInit(() => new Embedding(vocabSz, embSz))
  const value = uniform<tf.Rank.R2>([vocabSz, embSz], 0.1)
  table.weight.assign(value)
  value.dispose()
  return table
}
