import { type AnyModule, Module, type tf } from '@espalier/core'

/** A generator and a critic as one model (fastai's `GANModule`): what it is given goes to the one whose turn it is. */
export class GANModule extends Module<readonly tf.Tensor[], tf.Tensor> {
  constructor(
    readonly generator: AnyModule,
    readonly critic: AnyModule,
    /** True where it is the generator's turn. */
    public genMode = false,
  ) {
    super()
  }

  forward(...inputs: readonly tf.Tensor[]): tf.Tensor {
    const part = this.genMode ? this.generator : this.critic
    return part.forward(...(inputs as never[])) as tf.Tensor
  }

  /** Lets the other one have its turn, or the one that is told. */
  switch(genMode = !this.genMode): void {
    this.genMode = genMode
  }
}
