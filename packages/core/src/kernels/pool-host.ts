import type { TypedArray } from '@espalier/data'

type Shape4 = readonly [number, number, number, number]

/** One window along an axis: the input it covers, and by how many places a mean divides. */
interface Span {
  readonly begin: number
  readonly end: number
  readonly counted: number
}

/** The windows of a pooling: every row span with every column span gives one output. */
export interface Windows {
  readonly shape: Shape4
  readonly rows: readonly Span[]
  readonly columns: readonly Span[]
}

/** Visits every output position: `at` is where its channels begin in the output, `image` where its input image does. */
function forEachWindow(
  [, h, w, c]: Shape4,
  { shape: [b], rows, columns }: Windows,
  visit: (at: number, image: number, row: Span, column: Span) => void,
): void {
  let at = 0
  for (let n = 0; n < b; n++) {
    for (const row of rows) {
      for (const column of columns) {
        visit(at, n * h * w * c, row, column)
        at += c
      }
    }
  }
}

/** Writes the maximum of each window and its position in the image; the first of equals wins. */
export function maxWindows(
  x: TypedArray,
  y: TypedArray,
  from: TypedArray,
  shape: Shape4,
  windows: Windows,
): void {
  const [, , w, c] = shape
  forEachWindow(shape, windows, (at, image, row, column) => {
    y.fill(Number.NEGATIVE_INFINITY, at, at + c)
    for (let r = row.begin; r < row.end; r++) {
      for (let q = column.begin; q < column.end; q++) {
        const place = (r * w + q) * c
        for (let j = 0; j < c; j++) {
          const v = x[image + place + j]!
          if (v > y[at + j]! || Number.isNaN(v)) {
            y[at + j] = v
            from[at + j] = place + j
          }
        }
      }
    }
  })
}

/**
 * The mean of each window of `x` `[b, h, w, c]` into `y`; rows and columns that do not count leave the divisor
 * smaller.
 */
export function averageWindows(x: TypedArray, y: TypedArray, shape: Shape4, windows: Windows): void {
  const [, , w, c] = shape
  forEachWindow(shape, windows, (at, image, row, column) => {
    const share = 1 / (row.counted * column.counted)
    for (let r = row.begin; r < row.end; r++) {
      for (let q = column.begin; q < column.end; q++) {
        const place = image + (r * w + q) * c
        for (let j = 0; j < c; j++) y[at + j]! += x[place + j]!
      }
    }
    for (let j = 0; j < c; j++) y[at + j]! *= share
  })
}

/** The gradient of {@link averageWindows}: every place of a window gets its share. */
export function spreadAverage(dy: TypedArray, dx: TypedArray, shape: Shape4, windows: Windows): void {
  const [, , w, c] = shape
  forEachWindow(shape, windows, (at, image, row, column) => {
    const share = 1 / (row.counted * column.counted)
    for (let r = row.begin; r < row.end; r++) {
      for (let q = column.begin; q < column.end; q++) {
        const place = image + (r * w + q) * c
        for (let j = 0; j < c; j++) dx[place + j]! += dy[at + j]! * share
      }
    }
  })
}
