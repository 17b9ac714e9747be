import {
  AdaptiveAvgPool2d,
  BatchNorm,
  convLayer,
  Dropout,
  Embedding,
  Flatten,
  Linear,
  Module,
  type Saved,
  tf,
} from '@espalier/core'

/** Two convolutions with batch norm, dropout and a linear layer. */
export class SmallNet extends Module<[tf.Tensor4D], tf.Tensor> {
  readonly first = convLayer(3, 8, { stride: 2 })
  readonly second = convLayer(8, 16, { stride: 2 })
  readonly pool = new AdaptiveAvgPool2d(1)
  readonly flatten = new Flatten()
  readonly drop = new Dropout(0.2)
  readonly out: Linear

  constructor(nOut: number) {
    super()
    this.out = new Linear(16, nOut)
  }

  forward(x: tf.Tensor4D): tf.Tensor {
    const features = this.pool.forward(this.second.forward(this.first.forward(x)))
    return this.out.forward(this.drop.forward(this.flatten.forward(features)) as tf.Tensor2D)
  }
}

/** A recurrent network over token sequences `[b, t]` whose state lives on between batches, as language models' does. */
export class Recurrent extends Module<[tf.Tensor], tf.Tensor> {
  readonly embedding: Embedding
  readonly gates: Linear
  readonly drop = new Dropout(0.3)
  readonly out: Linear
  #state: tf.Tensor2D | undefined

  constructor(
    nTokens: number,
    readonly nHidden: number,
    nOut: number,
  ) {
    super()
    this.embedding = new Embedding(nTokens, 8)
    this.gates = new Linear(8 + nHidden, 2 * nHidden)
    this.out = new Linear(nHidden, nOut)
  }

  forward(tokens: tf.Tensor): tf.Tensor {
    const [b, t] = tokens.shape as [number, number]
    const x = this.embedding.forward(tokens) as tf.Tensor3D
    let h = this.#state?.shape[0] === b ? this.#state : tf.zeros<tf.Rank.R2>([b, this.nHidden])
    for (let i = 0; i < t; i++) {
      const step = tf.reshape<tf.Rank.R2>(tf.slice(x, [0, i, 0], [b, 1, -1]), [b, 8])
      const [gate, value] = tf.split(this.gates.forward(tf.concat([step, h], 1)) as tf.Tensor2D, 2, 1)
      const open = tf.sigmoid(gate!)
      h = tf.add(tf.mul(open, h), tf.mul(tf.sub(1, open), tf.tanh(value!)))
    }
    if (this.training) {
      this.#state?.dispose()
      this.#state = tf.keep(tf.clone(h))
    }
    return this.out.forward(this.drop.forward(h))
  }

  override saveState(): Saved {
    return { tensors: this.#state ? { state: this.#state } : {} }
  }

  override loadState({ tensors = {} }: Saved): void {
    this.#state?.dispose()
    this.#state = tensors['state'] && tf.keep(tf.clone(tensors['state'] as tf.Tensor2D))
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]()
    this.#state?.dispose()
  }
}

/** Two embedded columns of codes and some numbers → one number, as tabular models have it. */
export class Columns extends Module<[tf.Tensor, tf.Tensor2D], tf.Tensor> {
  readonly first: Embedding
  readonly second: Embedding
  readonly norm: BatchNorm
  readonly hidden: Linear
  readonly hiddenNorm = new BatchNorm(16, { ndim: 1 })
  readonly drop = new Dropout(0.1)
  readonly out = new Linear(16, 1)

  constructor(nFirst: number, nSecond: number, nNumbers: number) {
    super()
    this.first = new Embedding(nFirst, 4)
    this.second = new Embedding(nSecond, 3)
    this.norm = new BatchNorm(nNumbers, { ndim: 1 })
    this.hidden = new Linear(7 + nNumbers, 16)
  }

  forward(codes: tf.Tensor, numbers: tf.Tensor2D): tf.Tensor {
    const [a, b] = tf.unstack(codes, 1)
    const columns = [this.first.forward(a!), this.second.forward(b!), this.norm.forward(numbers)]
    const hidden = tf.relu(this.hidden.forward(tf.concat(columns as tf.Tensor2D[], 1)))
    return this.out.forward(this.drop.forward(this.hiddenNorm.forward(hidden)))
  }
}
