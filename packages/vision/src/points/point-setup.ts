import { EspalierError, isNdArray, type NdArray, ndArray, type Target, type Transform } from '@espalier/data'
import { type MarkedCell, markedCell } from './draw-marks.js'
import { marksOf, type PointsInput } from './marks.js'

/** Predicted points. */
export interface PointsPrediction {
  /** As (x, y) from −1 at the left and upper edge of the picture to 1 at the others. */
  readonly points: readonly (readonly [number, number])[]
}

/** Points of a picture as `[n, 2]`, as many for every item (fastai's `TensorPoint`). */
export class PointSetup implements Transform<PointsInput, NdArray<'float32'>>, Target<PointsPrediction> {
  readonly name = 'pointSetup'
  readonly loss = 'mse'
  #n: number | undefined

  /** `n` is how many points an item has; default: as many as the first training item. */
  constructor({ n }: { readonly n?: number } = {}) {
    this.#n = n
  }

  get c(): number {
    if (this.#n !== undefined) return 2 * this.#n
    throw new EspalierError('points/unset', 'pointSetup: how many points there are is not known yet', {
      fix: 'let a data set set it up',
    })
  }

  async setup(items: AsyncIterable<PointsInput>): Promise<void> {
    if (this.#n !== undefined) return
    for await (const item of items) {
      this.#n = marksOf('points', item).shape[0]!
      return
    }
  }

  encode(given: PointsInput): NdArray<'float32'> {
    const points = marksOf('points', given)
    const n = points.shape[0]!
    if (this.#n === undefined || n === this.#n) return points
    throw new EspalierError('points/count', `an item has ${n} points, others have ${this.#n}`, {
      fix: 'give every item as many points, in the same order; for any number of places use bboxBlock()',
    })
  }

  /** Also what a model gives, which is a list of numbers. */
  show({ dtype, data }: NdArray): MarkedCell {
    return markedCell(ndArray(dtype, [data.length / 2, 2], data, 'points'))
  }

  read(activations: Float32Array): PointsPrediction {
    const points = Array.from({ length: activations.length / 2 }, (_, i) => {
      return [activations[2 * i]!, activations[2 * i + 1]!] as const
    })
    return { points }
  }

  accepts(x: unknown): boolean {
    return isNdArray(x) && x.kind === 'points'
  }

  toJSON() {
    return { ...(this.#n !== undefined && { n: this.#n }) }
  }
}
