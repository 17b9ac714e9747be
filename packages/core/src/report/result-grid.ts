import type { Card, Cell, NdArray } from '@espalier/data'
import { gridFigure } from './card-grid.js'
import type { Figure } from './figure.js'
import { isMask } from './pixels.js'
import { type Picture, partsOf, type Tile } from './tiles.js'

/** A sample with what the model said about it. */
export interface ShownResult {
  readonly inputs: Card
  readonly predicted: Cell
  readonly actual: Cell
  /** Whether the prediction counts as right; null for what is neither. Default for texts: when they are equal. */
  readonly right?: boolean | null
}

/** A result with its loss, for the worst ones. */
export interface TopLoss extends ShownResult {
  readonly loss: number
  /** The largest probability of the prediction, where it has one. */
  readonly probability?: number
}

/**
 * Predictions beside the truth (fastai's `show_results`). Labels: the predicted one over the actual one, green
 * when right, bold red when wrong. Masks and pictures: the actual one beside the predicted one; so are points and
 * boxes, drawn into the picture.
 */
export function resultGrid(results: readonly ShownResult[] | Promise<readonly ShownResult[]>): Figure {
  return gridFigure(results, 'predictions', (all) => ({
    tiles: all.map(tileOf),
    heading: all.some(hasLabels) ? 'predicted / actual' : undefined,
  }))
}

/** The samples with the largest losses (fastai's `plot_top_losses`), as {@link resultGrid} draws them. */
export function topLossGrid(losses: readonly TopLoss[] | Promise<readonly TopLoss[]>): Figure {
  return gridFigure(losses, 'largest losses', (all) => {
    const names = [
      ...(all.some(hasLabels) ? ['predicted', 'actual'] : []),
      'loss',
      ...(all.some((item) => item.probability !== undefined) ? ['probability'] : []),
    ]
    return { tiles: all.map(withLoss), heading: names.join(' / ') }
  })
}

function withLoss(item: TopLoss): Tile {
  const tile = tileOf(item)
  const numbers = [item.loss, item.probability].filter((v) => v !== undefined).map((v) => v.toFixed(2))
  return { ...tile, title: [...tile.title, { text: numbers.join(' / ') }] }
}

function tileOf({ inputs, predicted, actual, right }: ShownResult): Tile {
  const { pictures, texts } = partsOf(inputs)
  // Of what cannot be seen, as noise, only what was made of it is shown.
  if (inputs.every((cell) => 'text' in cell && cell.text === '') && 'pixels' in predicted) {
    return { title: [], pictures: partsOf([predicted]).pictures, texts: [] }
  }
  const under = inputs.find((cell) => 'pixels' in cell)
  if (under && isDrawn(actual) && isDrawn(predicted)) {
    const both = [
      { pixels: actual.over(under.pixels), caption: 'actual' },
      { pixels: predicted.over(under.pixels), caption: 'predicted' },
    ]
    return { title: [], pictures: both, texts }
  }
  if ('text' in predicted && 'text' in actual) {
    const equal = predicted.text === actual.text
    const tone = right === null ? 'plain' : (right ?? equal) ? 'right' : 'wrong'
    const title = [{ text: predicted.text, tone, bold: tone === 'wrong' } as const, { text: actual.text }]
    return { title, pictures, texts }
  }
  const drawn = (cell: Cell, caption: string): Picture[] =>
    'text' in cell
      ? []
      : partsOf([...inputs, cell])
          .pictures.slice(-1)
          .map((p) => ({ ...p, caption }))
  // A mask is drawn over the input, which then need not be shown alone.
  const overInput = 'pixels' in actual && isMask(actual.pixels)
  const before = overInput ? [] : pictures.map((p) => ({ ...p, caption: 'input' }))
  return {
    title: [],
    pictures: [...before, ...drawn(actual, 'actual'), ...drawn(predicted, 'predicted')],
    texts,
  }
}

/** What can be drawn into a picture, as points and boxes can. */
type Drawn = Cell & { over(picture: NdArray<'uint8'>): NdArray<'uint8'> }

const isDrawn = (cell: Cell): cell is Drawn => 'over' in cell && typeof cell.over === 'function'

const hasLabels = ({ inputs, predicted, actual }: ShownResult): boolean =>
  'text' in predicted && 'text' in actual && !(isDrawn(predicted) && inputs.some((cell) => 'pixels' in cell))
