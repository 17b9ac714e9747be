import { cardGrid, type Figure } from '@espalier/core'
import type { Card, NdArray } from '@espalier/data'
import { RasterImage } from '../image/raster-image.js'
import { sameLabels } from './same-labels.js'
import { sideBySide } from './side-by-side.js'

/** Two pictures, and whether they show the same (the book's `SiameseImage`). */
export class SiameseImage {
  constructor(
    readonly first: RasterImage | NdArray<'uint8'>,
    readonly second: RasterImage | NdArray<'uint8'>,
    readonly same: boolean,
  ) {}

  /** The two beside each other, the second brought to the size of the first where it is not decoded yet. */
  async pixels(): Promise<NdArray<'uint8'>> {
    const { first, second } = this
    const left = await decoded(first)
    const [height, width] = left.shape as [number, number, number]
    return sideBySide(left, await decoded(second, { width, height }))
  }

  /** The two beside each other, with the label over them. */
  show(): Figure {
    const title = { text: sameLabels[Number(this.same)]! }
    return cardGrid(this.pixels().then((pixels) => [[{ pixels }, title]]))
  }
}

async function decoded(
  picture: RasterImage | NdArray<'uint8'>,
  size?: { readonly width: number; readonly height: number },
): Promise<NdArray<'uint8'>> {
  if (!(picture instanceof RasterImage)) return picture
  return (size ? picture.resize(size) : picture).pixels()
}

/** Draws samples of pairs, each as {@link SiameseImage.show} does: how loaders of pairs render their batches. */
export function siameseGrid(cards: Promise<readonly Card[]>): Figure {
  return cardGrid(cards.then((all) => all.map(joined)))
}

function joined(card: Card): Card {
  const [left, right, ...rest] = card
  if (!left || !right || !('pixels' in left) || !('pixels' in right)) return card
  return [{ pixels: sideBySide(left.pixels, right.pixels) }, ...rest]
}
