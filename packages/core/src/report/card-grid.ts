import type { Card } from '@espalier/data'
import { Figure } from './figure.js'
import { plotDocument } from './plot.js'
import type { Tone } from './style.js'
import { partsOf, type Tile, tileGrid } from './tiles.js'

/** Titles of the cards, and how they are laid out. */
export interface CardGridOptions {
  /** A title for each card in place of its own; a line end begins a new line. */
  readonly titles?: readonly string[]
  /** How each title is drawn. Default `plain`. */
  readonly colors?: readonly Tone[]
}

/**
 * Samples in a grid, as `showBatch` draws them: the last text of a card is its title, a mask lies over the
 * picture before it. The cards may still be on their way.
 */
export function cardGrid(
  cards: readonly Card[] | Promise<readonly Card[]>,
  { titles, colors }: CardGridOptions = {},
): Figure {
  return gridFigure(cards, 'samples', (all) => ({
    tiles: all.map((card, i) => tileOf(card, titles?.[i], colors?.[i])),
  }))
}

function tileOf(card: Card, title: string | undefined, tone: Tone = 'plain'): Tile {
  const { pictures, texts } = partsOf(card)
  const own = card.length > 1 && 'text' in card.at(-1)! ? texts.at(-1) : undefined
  const lines = (title ?? own ?? '').split('\n').map((text) => ({ text, tone, bold: tone === 'wrong' }))
  return { title: lines, pictures, texts: own === undefined ? texts : texts.slice(0, -1) }
}

/** A figure of tiles made from what may still be on its way. */
export function gridFigure<T>(
  items: readonly T[] | Promise<readonly T[]>,
  alt: string,
  layout: (items: readonly T[]) => { readonly tiles: readonly Tile[]; readonly heading?: string | undefined },
): Figure {
  const coming = Promise.resolve(items)
  // A figure that nobody draws must not end the process; whoever draws it gets the error.
  coming.catch(() => {})
  return new Figure(
    async () => {
      const { tiles, heading } = layout(await coming)
      return plotDocument(await tileGrid(tiles, heading), { alt })
    },
    { alt },
  )
}
