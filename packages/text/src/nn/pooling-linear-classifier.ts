import { type AnyModule, linBnDrop, Module, ReLU, Sequential, SigmoidRange, type tf } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { maskedConcatPool } from './masked-concat-pool.js'
import type { Encoded } from './sentence-encoder.js'

/** The predictions, and twice what the encoder gave, for the regularizer. */
export type Classified = readonly [logits: tf.Tensor, raw: tf.Tensor3D, dropped: tf.Tensor3D]

/**
 * A classifier on what an encoder gave of whole texts (fastai's `PoolingLinearClassifier`): pools the outputs of each
 * text, then batch norm, dropout and linear layers of the sizes `dims`.
 */
export class PoolingLinearClassifier extends Module<[Encoded], Classified> {
  readonly layers: Sequential<[tf.Tensor2D], tf.Tensor2D>

  constructor(
    /** From three times the encoder's features to the number of outputs. */
    readonly dims: readonly number[],
    /** The dropout before each linear layer. */
    ps: readonly number[],
    yRange?: readonly [number, number],
  ) {
    super()
    checkDropouts(dims.length - 1, ps)
    const blocks: AnyModule[] = ps.map((p, i) =>
      linBnDrop(dims[i]!, dims[i + 1]!, {
        p,
        act: i < ps.length - 1 ? new ReLU({ inplace: true }) : undefined,
      }),
    )
    if (yRange) blocks.push(new SigmoidRange(...yRange))
    this.layers = new Sequential(blocks)
  }

  forward({ output, mask }: Encoded): Classified {
    return [this.layers.forward(maskedConcatPool(output, mask)), output, output]
  }
}

/** Throws unless there is a probability for each of `n` linear layers. */
export function checkDropouts(n: number, ps: readonly number[]): void {
  if (ps.length === n && ps.every((p) => p >= 0 && p <= 1)) return
  throw new EspalierError(
    'classifier/ps',
    `PoolingLinearClassifier: ${n} linear layers need as many dropout probabilities in [0, 1], got [${ps}]`,
    { fix: 'give ps one number for each of linFtrs' },
  )
}
