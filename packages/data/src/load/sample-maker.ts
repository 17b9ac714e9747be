import type { Dataset } from '../datasets/dataset.js'
import { Random } from '../random/random.js'
import { applyItemTransforms, type ItemTransform } from '../transform/item-transform.js'
import type { TransformContext } from '../transform/transform.js'
import { type Crew, type Done, hireCrew } from './crew.js'
import { type Division, divide } from './division.js'
import { finishSample } from './finish-sample.js'
import { packed } from './packed.js'

/** What the samples of a loop depend on, and who makes them. */
export interface SampleMakerOptions {
  readonly itemTfms: readonly ItemTransform[]
  readonly split: number
  readonly seed: number
  readonly epoch: number
  readonly workers: number | undefined
  /** How many samples there are to be made. */
  readonly samples: number
}

/**
 * Makes the samples of one loop over a loader, partly in worker threads where there are any. What a sample is does
 * not depend on that: its random draws go on in another thread where they stood.
 */
export class SampleMaker implements Disposable {
  readonly #division: Division | undefined
  readonly #crew: Crew | undefined

  constructor(
    readonly dataset: Dataset,
    readonly options: SampleMakerOptions,
  ) {
    const { workers, samples, itemTfms } = options
    this.#division = workers === 0 ? undefined : divide(dataset, itemTfms)
    this.#crew =
      this.#division && hireCrew(this.#division.recipe, { workers, samples, heavy: this.#division.heavy })
  }

  async make(index: number): Promise<readonly unknown[]> {
    if (!this.#crew) return this.#alone(index)
    const { moved, after } = this.#division!
    const context = this.#context(index)
    const values = await this.#begin(index, context)
    if (!values) return this.#alone(index)
    const here = async (): Promise<Done> => {
      const elements = await finishSample(moved, values, context)
      return { elements, position: context.random.position }
    }
    const crossing = packed(values)
    const { seed, epoch, split } = this.options
    const { position } = context.random
    const { elements, position: drawn } = crossing
      ? await this.#crew.finish(
          { id: this.dataset.id(index), values: crossing.value, split, seed, epoch, index, position },
          here,
        )
      : await here()
    context.random.moveTo(drawn)
    return applyItemTransforms(after, elements, context)
  }

  [Symbol.dispose](): void {
    this.#crew?.[Symbol.dispose]()
  }

  /** What the first steps of each pipeline make; undefined where their draws would come in another order than alone. */
  async #begin(index: number, context: TransformContext): Promise<readonly unknown[] | undefined> {
    const { before } = this.#division!
    if (!before) return this.dataset.sample(index, context)
    const item = this.dataset.recipe!.item(index)
    const values: unknown[] = []
    let drawn = 0
    for (const [i, pipeline] of before.entries()) {
      values.push(await pipeline.encode(item, context))
      if (i === 0) drawn = context.random.position
    }
    return context.random.position === drawn ? values : undefined
  }

  async #alone(index: number): Promise<readonly unknown[]> {
    const context = this.#context(index)
    return applyItemTransforms(this.options.itemTfms, await this.dataset.sample(index, context), context)
  }

  #context(index: number): TransformContext {
    const { split, seed, epoch } = this.options
    return { split, random: new Random(seed, 'sample', epoch, index) }
  }
}
