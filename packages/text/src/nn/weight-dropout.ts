import { type Axes, dropout, Module, type tf } from '@espalier/core'
import type { LstmState } from '@espalier/core/kernels'
import { checkProbability } from './check-probability.js'
import type { Lstm } from './lstm.js'
import type { Recurrent, RecurrentOutput } from './recurrent.js'

/**
 * DropConnect on the hidden-to-hidden weight of an LSTM (Merity et al. 2017, fastai's `WeightDropout`): in training each
 * forward pass drops other connections, the same ones at all steps and in all rows. With two directions the weight of
 * the first one only.
 */
export class WeightDropout
  extends Module<[tf.Tensor3D, readonly LstmState[]], RecurrentOutput>
  implements Recurrent
{
  readonly weightHhL0Raw: tf.Variable<tf.Rank.R2>

  constructor(
    readonly module: Lstm,
    readonly weightP: number,
  ) {
    super()
    checkProbability('WeightDropout', weightP)
    this.weightHhL0Raw = module.weightHhL0!
    module.weightHhL0 = undefined
  }

  forward(x: tf.Tensor3D, states: readonly LstmState[]): RecurrentOutput {
    return this.module.forward(x, states, this.#weight())
  }

  start(b: number): LstmState[] {
    return this.module.start(b)
  }

  override torchAxes(): Axes {
    return [1, 0]
  }

  #weight(): tf.Tensor2D {
    const { weightHhL0Raw: raw, weightP } = this
    if (!this.training || weightP === 0) return raw
    return dropout<tf.Tensor2D>(raw, weightP)
  }
}
