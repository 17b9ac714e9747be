import type { Frame } from '../frame/frame.js'

/** The name of the column that remembers where rows came from; no file has one of that name. */
const column = '\u0000row'

/** The frame with each row's number, for messages about parts of it. */
export function withRowNumbers(frame: Frame): Frame {
  return frame.assign({ [column]: Int32Array.from({ length: frame.length }, (_, i) => i) })
}

/** How a row is called in a message: by its place in the frame that was given. */
export function rowNumber(frame: Frame, i: number): number {
  return frame.has(column) ? frame.column(column).data[i]! : i
}

/** The frame without the numbers of its rows. */
export function withoutRowNumbers(frame: Frame): Frame {
  return frame.has(column) ? frame.drop([column]) : frame
}
