import { checkOptions } from '../check-options.js'
import type { BatchTransform } from '../transform/batch-transform.js'
import type { BeforeBatch } from '../transform/before-batch.js'
import type { ItemTransform } from '../transform/item-transform.js'
import type { ArrayFrom, MadeBy, ReadBy, TakenBy } from '../transform/step-types.js'
import type { TransformLike } from '../transform/transform.js'
import type { Block, Card, DlType } from './block.js'
import type { CardTable } from './card-table.js'

/** What a {@link transformBlock} is made of. */
export interface TransformBlockSpec<T extends readonly TransformLike[], Shown> {
  /** Default `'transform'`. */
  readonly name?: string
  /** The steps from what a getter returns to an array: fresh ones for each data set where they remember anything. */
  readonly typeTfms?: () => readonly [...T]
  readonly itemTfms?: readonly ItemTransform[]
  readonly beforeBatch?: readonly BeforeBatch[]
  readonly batchTfms?: readonly BatchTransform[]
  /** Makes other loaders of the usual ones. */
  readonly dlType?: DlType
  /** What a getter must return instead of this value; nothing where it is fine. */
  readonly accepts?: (raw: unknown) => string | undefined
  /** Draws decoded samples where this is the first block. */
  readonly render?: (cards: Promise<readonly Card[]>) => Shown
}

const known = ['name', 'typeTfms', 'itemTfms', 'beforeBatch', 'batchTfms', 'dlType', 'accepts', 'render']

/**
 * A block of your own (fastai's `TransformBlock`): its steps, and what is done to samples and batches that have it. What
 * its getter must return and what it is in a batch follow from the first and the last step.
 *
 * @example
 * const lengthBlock = transformBlock({ typeTfms: () => [(word: string) => word.length] })
 */
export function transformBlock<const T extends readonly TransformLike[] = [], Shown = CardTable>(
  spec: TransformBlockSpec<T, Shown> = {},
): Block<TakenBy<T>, ArrayFrom<MadeBy<T>>, ReadBy<T>, Shown> {
  checkOptions('transformBlock', spec, known)
  const { name = 'transform', typeTfms = () => [], ...rest } = spec
  return { name, typeTfms, ...rest }
}
