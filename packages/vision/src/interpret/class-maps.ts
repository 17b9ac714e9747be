import { cardGrid, type Figure } from '@espalier/core'
import { EspalierError, listed, type NdArray } from '@espalier/data'
import { heatOver } from './heat-map.js'

/** Where in a picture a model sees a class. */
export interface ClassMap {
  readonly label: string
  /** The number of the class among the outputs. */
  readonly index: number
  /** What the model gave for it, and the same activated: a probability, for a classifier. */
  readonly score: number
  readonly probability: number
  /** How much each place of the layer speaks for the class, `[h, w]`. */
  readonly values: NdArray<'float32'>
  /** How much each channel of the layer counts. */
  readonly weights: Float32Array
}

/** A picture as the model saw it, and where it sees each class that was asked for. */
export class ClassMaps {
  constructor(
    /** What the item is called. */
    readonly id: string,
    readonly photo: NdArray<'uint8'>,
    readonly maps: readonly ClassMap[],
  ) {}

  /** The map of a class, by its name or number; the first one unless told. */
  map(of?: string | number): ClassMap {
    const found = of === undefined ? this.maps[0] : this.maps.find((m) => m.label === of || m.index === of)
    if (found) return found
    throw new EspalierError('cam/class', `there is no map of the class '${of}'`, {
      fix: `there are maps of ${listed(this.maps.map((m) => m.label))}: ask for others with classes`,
    })
  }

  /** The photo under the heat map of a class: `[h, w, 3]`. */
  overlay(of?: string | number): NdArray<'uint8'> {
    return heatOver(this.photo, this.map(of).values)
  }

  /** The photo, and beside it the heat map of each class over it, under name and probability. */
  plot(): Figure {
    const hot = this.maps.map((m) => [{ pixels: heatOver(this.photo, m.values) }])
    const titles = this.maps.map((m) => `${m.label}\n${m.probability.toFixed(2)}`)
    return cardGrid([[{ pixels: this.photo }], ...hot], { titles: ['', ...titles] })
  }
}
