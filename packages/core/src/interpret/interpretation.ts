import { type DataLoader, describe, EspalierError } from '@espalier/data'
import type { Learner } from '../learner/learner.js'
import type { KeptOptions } from '../learner/pred-pass.js'
import type { AnyModule } from '../nn/module.js'
import type { Figure } from '../report/figure.js'
import { topLossGrid } from '../report/result-grid.js'
import { type LookedAt, lookAt } from './look-at.js'
import { shownResult } from './show-results.js'

/** An item and how wrong the model was about it. */
export interface LossOfItem {
  /** The item's position in its data set, and its name. */
  readonly index: number
  readonly id: string
  readonly loss: number
}

/** Which end of the losses is looked at. */
export interface TopOptions {
  /** False begins with the smallest. Default true. */
  readonly largest?: boolean
}

/** How wrong the model was about each item of a loader, in the order of its data set. */
export interface Losses {
  readonly losses: Float32Array
  readonly indices: readonly number[]
}

/**
 * What a model gets wrong (fastai's `Interpretation`). Of every item only its loss is kept: items and predictions are
 * read and computed again for those that are asked for, with the weights that the learner has by then.
 */
export class Interpretation<P = unknown> {
  /** The loss of each item. */
  readonly losses: Float32Array
  /** The position of each item in its data set. */
  readonly indices: readonly number[]

  constructor(
    readonly learn: Learner<AnyModule, P>,
    readonly dl: DataLoader,
    { losses, indices }: Losses,
    readonly options: Pick<KeptOptions, 'act'> = {},
  ) {
    this.losses = losses
    this.indices = indices
  }

  /** The `k` items with the largest losses, or with the smallest. */
  topLosses(k: number = this.losses.length, { largest = true }: TopOptions = {}): LossOfItem[] {
    return this.ranked(largest)
      .slice(0, k)
      .map((i) => this.lossOf(i))
  }

  /** The same items with all there is to see: input, prediction, truth. A list takes ranks: 0 is the largest loss. */
  async topItems(
    k: number | Iterable<number> = 9,
    { largest = true }: TopOptions = {},
  ): Promise<(LookedAt<P> & LossOfItem)[]> {
    const losses = this.#chosen(k, largest).map((i) => this.lossOf(i))
    const seen = await lookAt(
      this.learn,
      this.dl,
      losses.map((l) => l.index),
      this.options,
    )
    const lossAt = new Map(losses.map(({ index, loss }) => [index, loss]))
    return seen.map((s) => ({ ...s, loss: lossAt.get(s.index)! }))
  }

  /**
   * The items with the largest losses, each under prediction, truth, loss and, for classes, the largest probability.
   * A list takes ranks: 0 is the largest loss.
   */
  plotTopLosses(k: number | Iterable<number> = 9, options: TopOptions = {}): Figure {
    const items = async () =>
      (await this.topItems(k, options)).map((item) => ({
        ...shownResult(item),
        loss: item.loss,
        ...(item.probability !== undefined && { probability: item.probability }),
      }))
    return topLossGrid(items())
  }

  protected lossOf(i: number): LossOfItem {
    const index = this.indices[i]!
    return { index, id: this.dl.dataset.id(index), loss: this.losses[i]! }
  }

  /** The places of the items in `losses`, the largest or smallest loss first; what is no number counts as infinite. */
  protected ranked(largest: boolean): number[] {
    const size = (i: number) => (Number.isNaN(this.losses[i]!) ? Number.POSITIVE_INFINITY : this.losses[i]!)
    const sign = largest ? 1 : -1
    return Array.from(this.losses.keys()).sort((a, b) => {
      const [x, y] = [size(a), size(b)]
      return x === y ? 0 : sign * (x < y ? 1 : -1)
    })
  }

  #chosen(k: number | Iterable<number>, largest: boolean): number[] {
    const ranked = this.ranked(largest)
    if (typeof k === 'number') return ranked.slice(0, k)
    return Array.from(k, (rank) => {
      const place = ranked[rank]
      if (place !== undefined) return place
      throw new EspalierError('interpret/rank', `there is no loss of rank ${describe(rank)}`, {
        fix: `ranks are 0 … ${ranked.length - 1}: [0, 1, 2] are the three largest losses`,
      })
    })
  }
}
