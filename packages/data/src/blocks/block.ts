import type { DataLoaders } from '../load/data-loaders.js'
import type { NdArray } from '../nd-array.js'
import type { BatchTransform } from '../transform/batch-transform.js'
import type { BeforeBatch } from '../transform/before-batch.js'
import type { ItemTransform } from '../transform/item-transform.js'
import type { TransformLike } from '../transform/transform.js'
import type { CardTable } from './card-table.js'

/** The losses a target may ask for; learners know what stands behind each name. */
export type LossName =
  | 'crossEntropy'
  | 'labelSmoothingCrossEntropy'
  | 'focal'
  | 'dice'
  | 'bceWithLogits'
  | 'bce'
  | 'mse'
  | 'l1'

/** What a learner must know about a target: its size, its default loss, how to read a row of activations. */
export interface Target<Prediction = unknown> {
  /** How many outputs the model needs. */
  readonly c: number
  readonly vocab?: readonly string[]
  readonly loss: LossName
  /** From which probability on a label counts as predicted, where each is predicted by itself. */
  readonly thresh?: number
  /** The number of places of a target that do not count, such as pixels without a class: the default loss skips them. */
  readonly ignoreIndex?: number
  /** For a target that is what batches hold, such as an `image`: batch transforms are undone before it is read. */
  readonly kind?: string
  /**
   * One row of model output, after the loss's activation → what `predict` returns. `shape` is that of the row: of a
   * target in the plane of a picture `[h, w, c]`.
   */
  read(activations: Float32Array, shape?: readonly number[]): Prediction
}

/** One element of a sample made visible: a picture or a few words. */
export type Cell = { readonly pixels: NdArray<'uint8'> } | { readonly text: string }

/** One sample made visible: its cells, inputs first. */
export type Card = readonly Cell[]

/** Other loaders of the same samples: in another order, say (fastai's `dl_type`). */
export type DlType = <A extends readonly NdArray[], P, S>(
  dls: DataLoaders<A, P, S>,
) => DataLoaders<A, P, S> | Promise<DataLoaders<A, P, S>>

/**
 * One element of a sample: how it is read from what a getter returns (`Raw`), which transforms it brings along,
 * what it is in a batch (`Arr`) and, as a target, what predictions of it look like. A single block may make several
 * elements of an item; `Arr` is a list then.
 */
export interface Block<
  Raw = never,
  Arr extends NdArray | readonly NdArray[] = NdArray,
  Prediction = unknown,
  Shown = CardTable,
> {
  readonly name: string
  /** Fresh transforms for a data set, so that no vocabulary is shared; the first takes `Raw`. */
  typeTfms(): readonly TransformLike[]
  readonly itemTfms?: readonly ItemTransform[]
  /** Steps on the samples of a batch before they are stacked. */
  readonly beforeBatch?: readonly BeforeBatch[]
  readonly batchTfms?: readonly BatchTransform[]
  /** Makes the loaders of a data block that has this block of the usual ones; the first block that has a say is asked. */
  readonly dlType?: DlType
  /** What a getter must return instead of this value; nothing where it is fine. */
  accepts?(raw: unknown): string | undefined
  /** Draws decoded samples; the first block's one serves `showBatch`. Default: a {@link CardTable}. */
  render?(cards: Promise<readonly Card[]>): Shown
  /** Only the compiler reads this: it ties a getter to its block and a block to its place in the batch. */
  readonly types?: { readonly raw: (raw: Raw) => void; readonly array: Arr; readonly prediction: Prediction }
}

/** A block whatever its types. */
export type AnyBlock = Block<never, NdArray | readonly NdArray[], unknown, unknown>
