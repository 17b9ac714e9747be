import { type Axes, dropout, Module, param, tf, uniform } from '@espalier/core'
import type { LstmState } from '@espalier/core/kernels'
import { checkProbability } from './check-probability.js'
import type { Recurrent, RecurrentOutput } from './recurrent.js'

/**
 * One layer of quasi-recurrent network with a window of one step (Bradbury et al. 2016, as fastai 1 had it): candidates
 * and gates come from the inputs alone, for all steps at once, and what goes from step to step is a running mean, c ← f·c
 * + (1 − f)·z, of which o·c comes out. Of the state only `c` is used. In training `weightP` of the connections drop.
 */
export class Qrnn extends Module<[tf.Tensor3D, readonly LstmState[]], RecurrentOutput> implements Recurrent {
  readonly weight: tf.Variable<tf.Rank.R2>
  readonly bias: tf.Variable<tf.Rank.R1>
  readonly weightReverse: tf.Variable<tf.Rank.R2> | undefined
  readonly biasReverse: tf.Variable<tf.Rank.R1> | undefined

  constructor(
    readonly nIn: number,
    /** Of one direction. */
    readonly nHid: number,
    readonly bidir = false,
    readonly weightP = 0,
  ) {
    super()
    checkProbability('QRNN', weightP)
    const bound = 1 / Math.sqrt(nIn)
    const matrix = () => param(uniform<tf.Rank.R2>([nIn, 3 * nHid], bound))
    const vector = () => param(uniform<tf.Rank.R1>([3 * nHid], bound))
    this.weight = matrix()
    this.bias = vector()
    if (!bidir) return
    this.weightReverse = matrix()
    this.biasReverse = vector()
  }

  override get kind(): string {
    return 'QRNN'
  }

  forward(x: tf.Tensor3D, states: readonly LstmState[]): RecurrentOutput {
    const there = this.#run(x, this.weight, this.bias, states[0]!)
    if (!this.bidir) return { y: there.y, states: [there.state] }
    const turned = tf.reverse(x, 1)
    const back = this.#run(turned, this.weightReverse!, this.biasReverse!, states[1]!)
    return { y: tf.concat([there.y, tf.reverse(back.y, 1)], 2), states: [there.state, back.state] }
  }

  start(b: number): LstmState[] {
    const zeros = () => tf.zeros<tf.Rank.R2>([b, this.nHid])
    return Array.from({ length: this.bidir ? 2 : 1 }, () => ({ h: zeros(), c: zeros() }))
  }

  override torchAxes(field: string): Axes | undefined {
    return field.startsWith('weight') ? [1, 0] : undefined
  }

  override describe(): string {
    return `${this.nIn}, ${this.nHid}${this.bidir ? ', bidirectional=True' : ''}`
  }

  #run(x: tf.Tensor3D, weight: tf.Variable<tf.Rank.R2>, bias: tf.Tensor1D, before: LstmState) {
    const [b, t, n] = x.shape
    const dropping = this.training && this.weightP > 0
    const w = dropping ? dropout<tf.Tensor2D>(weight, this.weightP) : weight
    const rows = tf.add(tf.matMul(tf.reshape<tf.Rank.R2>(x, [b * t, n]), w), bias)
    const parts = tf.split(tf.reshape(rows, [b, t, 3 * this.nHid]), 3, 2)
    const [z, f, o] = [tf.tanh(parts[0]!), tf.sigmoid(parts[1]!), tf.sigmoid(parts[2]!)]
    const fresh = tf.unstack(tf.mul(tf.sub(1, f), z), 1)
    const kept = tf.unstack(f, 1)
    let c: tf.Tensor = before.c
    const cells = fresh.map((candidate, i) => {
      c = tf.add(tf.mul(kept[i]!, c), candidate)
      return c
    })
    const y = tf.mul(o, tf.stack(cells, 1)) as tf.Tensor3D
    const last = tf.reshape<tf.Rank.R2>(tf.slice(y, [0, t - 1, 0], [b, 1, this.nHid]), [b, this.nHid])
    return { y, state: { h: last, c: c as tf.Tensor2D } }
  }
}
