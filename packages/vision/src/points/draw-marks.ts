import { type Card, type Cell, type NdArray, ndArray } from '@espalier/data'

/** A cell in words, and the marks that are drawn into the picture before it where it is shown with one. */
export type MarkedCell = Cell & {
  readonly text: string
  readonly marks: NdArray
  /** The picture with the marks in it: how predictions are shown beside the truth. */
  over(picture: NdArray<'uint8'>): NdArray<'uint8'>
}

/** Points or boxes made visible. */
export function markedCell(marks: NdArray): MarkedCell {
  const { data, shape } = marks
  const step = shape.at(-1)!
  const rounded = Array.from(data, (v) => String(Number(v.toFixed(2))))
  const groups = Array.from({ length: data.length / step }, (_, i) => rounded.slice(i * step, (i + 1) * step))
  const seen = groups.filter((g) => step === 2 || g.some((v) => v !== '0'))
  return {
    text: seen.map((g) => `(${g.join(', ')})`).join(' '),
    marks,
    over: (picture) => drawn(picture, marks),
  }
}

/** A card whose points and boxes are drawn into the picture before them. */
export function withMarks(card: Card): Card {
  const cells: Cell[] = []
  for (const cell of card) {
    const at = cells.findLastIndex((c) => 'pixels' in c && c.pixels.kind !== 'mask')
    const under = cells[at]
    if (!isMarked(cell) || !under || !('pixels' in under)) cells.push(cell)
    else cells[at] = { pixels: drawn(under.pixels, cell.marks) }
  }
  return cells
}

function isMarked(cell: Cell): cell is MarkedCell {
  return 'marks' in cell
}

const ink = [230, 25, 75] as const
const rim = [255, 255, 255] as const
/** Pictures are enlarged to about this height before marks are drawn, so that these do not cover them. */
const least = 160

/** A picture `[h, w, c]` in colours, with discs at points `[n, 2]` or frames at boxes `[n, 4]`. */
function drawn(picture: NdArray<'uint8'>, { data, shape }: NdArray): NdArray<'uint8'> {
  const canvas = enlarged(picture)
  const [height, width] = canvas.shape as [number, number, number]
  const reach = Math.max(2, Math.round(Math.min(height, width) / 64))
  const x = (v: number) => ((v + 1) / 2) * width
  const y = (v: number) => ((v + 1) / 2) * height
  const step = shape.at(-1)!
  for (let i = 0; i < data.length; i += step) {
    if (step === 2) {
      disc(canvas, x(data[i]!), y(data[i + 1]!), reach + 1, rim)
      disc(canvas, x(data[i]!), y(data[i + 1]!), reach, ink)
      continue
    }
    const [left, top, right, bottom] = [x(data[i]!), y(data[i + 1]!), x(data[i + 2]!), y(data[i + 3]!)]
    // Boxes without area fill a batch up.
    if (right > left && bottom > top) frame(canvas, [left, top, right, bottom], Math.max(1, reach / 2))
  }
  return canvas
}

type Colour = readonly [number, number, number]

function disc(canvas: NdArray<'uint8'>, x: number, y: number, radius: number, colour: Colour): void {
  for (let row = Math.floor(y - radius); row <= y + radius; row++) {
    for (let column = Math.floor(x - radius); column <= x + radius; column++) {
      if ((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 <= radius ** 2) dot(canvas, column, row, colour)
    }
  }
}

function frame(canvas: NdArray<'uint8'>, sides: readonly number[], thick: number): void {
  const [left, top, right, bottom] = sides.map((v) => Math.round(v)) as [number, number, number, number]
  const [height, width] = canvas.shape as [number, number, number]
  for (let row = Math.max(0, top); row < Math.min(height, bottom); row++) {
    for (let column = Math.max(0, left); column < Math.min(width, right); column++) {
      const inside = Math.min(column - left, right - 1 - column, row - top, bottom - 1 - row)
      if (inside < thick) dot(canvas, column, row, ink)
    }
  }
}

function dot({ data, shape }: NdArray<'uint8'>, column: number, row: number, colour: Colour): void {
  const [height, width] = shape as [number, number, number]
  if (column < 0 || row < 0 || column >= width || row >= height) return
  data.set(colour, (row * width + column) * 3)
}

/** In colours, each pixel as many times as makes the picture large enough. */
function enlarged({ data, shape }: NdArray<'uint8'>): NdArray<'uint8'> {
  const [h, w, c = 1] = shape as [number, number, number?]
  const times = Math.max(1, Math.ceil(least / Math.max(h, w)))
  const [height, width] = [h * times, w * times]
  const rgb = new Uint8Array(height * width * 3)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (Math.floor(row / times) * w + Math.floor(column / times)) * c
      for (let j = 0; j < 3; j++) rgb[(row * width + column) * 3 + j] = data[from + (c === 1 ? 0 : j)]!
    }
  }
  return ndArray('uint8', [height, width, 3], rgb, 'image')
}
