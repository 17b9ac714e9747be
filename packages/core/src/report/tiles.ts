import type { Card, NdArray } from '@espalier/data'
import { column, empty, type Fragment, row, widen } from './fragment.js'
import { imageFragment } from './image.js'
import { isMask, overlay, toRgb } from './pixels.js'
import { muted, type Tone, toneColors } from './style.js'
import { textBlock } from './text-block.js'

/** One place of a grid: a title over pictures or over running text. */
export interface Tile {
  readonly title: readonly TitleLine[]
  readonly pictures: readonly Picture[]
  readonly texts: readonly string[]
}

/** A line above a tile. */
export interface TitleLine {
  readonly text: string
  readonly tone?: Tone
  readonly bold?: boolean
}

/** A picture in a tile, with a word under it. */
export interface Picture {
  /** `[h, w, 3]` */
  readonly pixels: NdArray<'uint8'>
  readonly caption?: string
}

/** The pictures of a card, each mask laid over the picture before it, and its texts. */
export function partsOf(card: Card): Pick<Tile, 'pictures' | 'texts'> {
  const pictures: Picture[] = []
  const texts: string[] = []
  let under: NdArray<'uint8'> | undefined
  let bare = false
  for (const cell of card) {
    if ('text' in cell) {
      texts.push(cell.text)
    } else if (isMask(cell.pixels)) {
      // The picture itself has been shown once; its first mask takes its place.
      if (bare) pictures.pop()
      pictures.push({ pixels: overlay(cell.pixels, under) })
      bare = false
    } else {
      under = cell.pixels
      pictures.push({ pixels: toRgb(cell.pixels) })
      bare = true
    }
  }
  return { pictures, texts }
}

/** Tiles in ⌊√n⌋ rows, as fastai's `get_grid` lays them out, under a heading. */
export async function tileGrid(tiles: readonly Tile[], heading?: string): Promise<Fragment> {
  if (tiles.length === 0) return textBlock('nothing to show', { color: muted })
  const side = tiles.length <= 4 ? 224 : 168
  const drawn = await Promise.all(tiles.map((tile) => drawTile(tile, side)))
  const width = Math.max(...drawn.map((tile) => tile.width))
  const columns = Math.ceil(drawn.length / Math.floor(Math.sqrt(drawn.length)))
  const align = tiles.some((tile) => tile.pictures.length > 0) ? 'end' : 'start'
  const rows: Fragment[] = []
  for (let i = 0; i < drawn.length; i += columns) {
    const line = drawn.slice(i, i + columns).map((tile) => widen(tile, width))
    rows.push(row(line, { gap: 24, align }))
  }
  const grid = column(rows, { gap: 22 })
  return column([heading ? textBlock(heading, { size: 11, color: muted }) : empty, grid], { gap: 12 })
}

async function drawTile({ title, pictures, texts }: Tile, side: number): Promise<Fragment> {
  const images = await Promise.all(pictures.map((picture) => drawPicture(picture, side)))
  const strip = row(images, { gap: 6, align: 'end' })
  const width = Math.max(strip.width, texts.length > 0 ? 280 : 130)
  const lines = title.map(({ text, tone = 'plain', bold = false }) =>
    textBlock(text, { width, bold, color: toneColors[tone], maxLines: 2, anchor: 'middle' }),
  )
  const body = texts.map((text) => textBlock(text, { width, maxLines: 8 }))
  return column([column(lines), column([strip, ...body], { gap: 6, align: 'center' })], {
    gap: 6,
    align: 'center',
  })
}

async function drawPicture({ pixels, caption }: Picture, side: number): Promise<Fragment> {
  const image = await imageFragment(pixels, side)
  if (!caption) return image
  const label = textBlock(caption, { size: 11, color: muted, width: image.width, anchor: 'middle' })
  return column([label, image], { gap: 3 })
}
