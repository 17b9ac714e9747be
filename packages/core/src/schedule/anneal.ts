/** A value as a function of the fraction of the fit that is done, in [0, 1]. */
export type Schedule = (pos: number) => number

/** Straight from `start` to `end` (fastai's `SchedLin`). */
export const schedLin =
  (start: number, end: number): Schedule =>
  (pos) =>
    start + pos * (end - start)

/** Half a cosine from `start` to `end` (`SchedCos`). */
export const schedCos =
  (start: number, end: number): Schedule =>
  (pos) =>
    start + ((1 + Math.cos(Math.PI * (1 - pos))) * (end - start)) / 2

/** `start` all the time (`SchedNo`). */
export const schedNo =
  (start: number, _end = start): Schedule =>
  () =>
    start

/** Geometric from `start` to `end` (`SchedExp`). */
export const schedExp =
  (start: number, end: number): Schedule =>
  (pos) =>
    start * (end / start) ** pos

/** A power of the position (`SchedPoly`). */
export const schedPoly =
  (start: number, end: number, power: number): Schedule =>
  (pos) =>
    start + (end - start) * pos ** power
