import { type Axes, Module, param, tf, uniform } from '@espalier/core'
import { type LstmState, lstm } from '@espalier/core/kernels'
import type { Recurrent, RecurrentOutput } from './recurrent.js'

type Matrix = tf.Variable<tf.Rank.R2>
type Vector = tf.Variable<tf.Rank.R1>

/**
 * One layer of LSTM, as torch's `nn.LSTM` with `batch_first`: `[b, t, nIn]` and the state of each direction → `y`
 * `[b, t, nOut]` and the states after it. With `bidir` a second one runs from the end to the start, and the outputs of
 * both lie side by side. The names of the weights are torch's.
 */
export class Lstm extends Module<[tf.Tensor3D, readonly LstmState[]], RecurrentOutput> implements Recurrent {
  readonly weightIhL0: Matrix
  /** Undefined where a {@link WeightDropout} has taken it over. */
  weightHhL0: Matrix | undefined
  readonly biasIhL0: Vector
  readonly biasHhL0: Vector
  readonly weightIhL0Reverse: Matrix | undefined
  readonly weightHhL0Reverse: Matrix | undefined
  readonly biasIhL0Reverse: Vector | undefined
  readonly biasHhL0Reverse: Vector | undefined

  constructor(
    readonly nIn: number,
    /** Of one direction. */
    readonly nHid: number,
    readonly bidir = false,
  ) {
    super()
    const bound = 1 / Math.sqrt(nHid)
    const matrix = (rows: number) => param(uniform<tf.Rank.R2>([rows, 4 * nHid], bound))
    const vector = () => param(uniform<tf.Rank.R1>([4 * nHid], bound))
    this.weightIhL0 = matrix(nIn)
    this.weightHhL0 = matrix(nHid)
    this.biasIhL0 = vector()
    this.biasHhL0 = vector()
    if (!bidir) return
    this.weightIhL0Reverse = matrix(nIn)
    this.weightHhL0Reverse = matrix(nHid)
    this.biasIhL0Reverse = vector()
    this.biasHhL0Reverse = vector()
  }

  override get kind(): string {
    return 'LSTM'
  }

  /** `weightHh` stands in for the weight of the forward direction. */
  forward(
    x: tf.Tensor3D,
    states: readonly LstmState[],
    weightHh: tf.Tensor2D = this.weightHhL0!,
  ): RecurrentOutput {
    const there = lstm(x, states[0]!, {
      weightIh: this.weightIhL0,
      weightHh,
      bias: tf.add(this.biasIhL0, this.biasHhL0),
    })
    if (!this.bidir) return { y: there.y, states: [there.state] }
    const weights = {
      weightIh: this.weightIhL0Reverse!,
      weightHh: this.weightHhL0Reverse!,
      bias: tf.add(this.biasIhL0Reverse!, this.biasHhL0Reverse!) as tf.Tensor1D,
    }
    const back = lstm(x, states[1]!, weights, { reverse: true })
    return { y: tf.concat([there.y, back.y], 2), states: [there.state, back.state] }
  }

  /** What it begins with: zeros for each of `b` rows. */
  start(b: number): LstmState[] {
    const zeros = () => tf.zeros<tf.Rank.R2>([b, this.nHid])
    return Array.from({ length: this.bidir ? 2 : 1 }, () => ({ h: zeros(), c: zeros() }))
  }

  override torchAxes(field: string): Axes | undefined {
    return field.startsWith('weight') ? [1, 0] : undefined
  }

  override describe(): string {
    return `${this.nIn}, ${this.nHid}, batch_first=True${this.bidir ? ', bidirectional=True' : ''}`
  }
}
