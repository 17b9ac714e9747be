import { type AnyModule, type Embedding, Module, type tf } from '@espalier/core'
import { embedColumns } from '@espalier/core/kernels'
import { truncatedEmbedding } from './truncated-embedding.js'

/** Number of classes and length of the vectors of an embedding. */
export type EmbSz = readonly [classes: number, size: number]

/**
 * An embedding for each categorical column: codes int32 `[b, n]` → their vectors side by side, `[b, Σ size]`, and
 * numbers behind them where they are given.
 */
export class EmbeddingList extends Module<[codes: tf.Tensor2D, numbers?: tf.Tensor2D], tf.Tensor2D> {
  static readonly steady = true
  readonly tables: readonly Embedding[]

  constructor(sizes: readonly EmbSz[]) {
    super()
    this.tables = sizes.map(([n, dims]) => truncatedEmbedding(n, dims))
  }

  /** The number of features of all vectors together. */
  get width(): number {
    return this.tables.reduce((sum, { nDim }) => sum + nDim, 0)
  }

  override get kind(): string {
    return 'ModuleList'
  }

  forward(codes: tf.Tensor2D, numbers?: tf.Tensor2D): tf.Tensor2D {
    const tables = this.tables.map(({ weight }) => weight)
    return embedColumns(tables, codes, numbers)
  }

  override *children(): Generator<[string, AnyModule]> {
    for (const [i, table] of this.tables.entries()) yield [String(i), table]
  }
}
