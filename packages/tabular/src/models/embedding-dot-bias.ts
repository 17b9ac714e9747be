import { type Embedding, Module, registerPart, type tf, withoutInit } from '@espalier/core'
import { dotBias, sigmoidRange } from '@espalier/core/kernels'
import { checkOptions, describeNumber, EspalierError, type Json } from '@espalier/data'
import { checkYRange } from './check-tabular-model.js'
import { truncatedEmbedding } from './truncated-embedding.js'

/** The sizes of an {@link EmbeddingDotBias}. */
export interface DotBiasOptions {
  /** The length of the vectors. */
  readonly nFactors: number
  /** How many users and items there are, the unknown one included. */
  readonly nUsers: number
  readonly nItems: number
  /** Bounds that a sigmoid keeps ratings between. */
  readonly yRange?: readonly [low: number, high: number]
}

/**
 * A rating as the product of a user's and an item's vector and their biases (fastai's `EmbeddingDotBias`): codes int32
 * `[b, 2]` → `[b]`.
 */
export class EmbeddingDotBias extends Module<[tf.Tensor2D], tf.Tensor1D> {
  static readonly steady = true
  readonly uWeight: Embedding
  readonly iWeight: Embedding
  readonly uBias: Embedding
  readonly iBias: Embedding
  readonly yRange: readonly [low: number, high: number] | undefined

  constructor(options: DotBiasOptions) {
    super()
    checkOptions('EmbeddingDotBias', options, ['nFactors', 'nUsers', 'nItems', 'yRange'])
    const { nFactors, nUsers, nItems, yRange } = options
    for (const [what, n] of Object.entries({ nFactors, nUsers, nItems })) {
      if (Number.isInteger(n) && n >= 1) continue
      throw new EspalierError(
        'collab/size',
        `EmbeddingDotBias: ${what} must be a whole number ≥ 1, got ${describeNumber(n)}`,
      )
    }
    checkYRange(yRange)
    this.uWeight = truncatedEmbedding(nUsers, nFactors)
    this.iWeight = truncatedEmbedding(nItems, nFactors)
    this.uBias = truncatedEmbedding(nUsers, 1)
    this.iBias = truncatedEmbedding(nItems, 1)
    this.yRange = yRange
    this.portable = { name: 'embeddingDotBias', toJSON: () => ({ ...options }) as { [key: string]: Json } }
  }

  forward(codes: tf.Tensor2D): tf.Tensor1D {
    const { uWeight, iWeight, uBias, iBias, yRange } = this
    const sum = dotBias(codes, {
      uWeight: uWeight.weight,
      iWeight: iWeight.weight,
      uBias: uBias.weight,
      iBias: iBias.weight,
    })
    if (!yRange) return sum
    const [low, high] = yRange
    return sigmoidRange(sum, low, high)
  }
}

/** Lets bundles name the model. */
export function registerDotBias(): void {
  registerPart('model', 'embeddingDotBias', (options: DotBiasOptions) => {
    const { nFactors, nUsers, nItems } = options
    if ((nUsers + nItems) * (nFactors + 1) < 2 ** 30) return withoutInit(() => new EmbeddingDotBias(options))
    throw new EspalierError(
      'bundle/size',
      `the model asks for ${nUsers} users and ${nItems} items of ${nFactors} numbers`,
      {
        fix: 'the file is damaged, or was tampered with',
      },
    )
  })
}
