import { describeNumber, EspalierError } from '@espalier/data'

/** A value as a function of the fraction of the fit that is done, in [0, 1]. */
export type Schedule = (pos: number) => number

/** Straight from `start` to `end`: start + pos·(end − start) (fastai's `SchedLin`). */
export function schedLin(start: number, end: number): Schedule {
  check('schedLin', { start, end })
  return (pos) => start + pos * (end - start)
}

/** Half a cosine from `start` to `end`: start + (1 + cos(π·(1 − pos)))·(end − start)/2 (`SchedCos`). */
export function schedCos(start: number, end: number): Schedule {
  check('schedCos', { start, end })
  return (pos) => start + ((1 + Math.cos(Math.PI * (1 - pos))) * (end - start)) / 2
}

/** `start` all the time (`SchedNo`). */
export function schedNo(start: number, _end = start): Schedule {
  check('schedNo', { start })
  return () => start
}

/** Geometric from `start` to `end`: start·(end / start)^pos (`SchedExp`). Neither may be 0 or change the sign. */
export function schedExp(start: number, end: number): Schedule {
  check('schedExp', { start, end })
  if (start * end > 0) return (pos) => start * (end / start) ** pos
  throw wrong(
    `schedExp: start and end must both be above 0, or both below, got ${start} and ${end}`,
    'say schedExp(1e-4, 1e-2); schedLin and schedCos go to 0',
  )
}

/** A power of the position: start + (end − start)·pos^power (`SchedPoly`). */
export function schedPoly(start: number, end: number, power: number): Schedule {
  check('schedPoly', { start, end, power })
  if (power < 0) throw wrong(`schedPoly: power must be at least 0, got ${power}`, 'say schedPoly(1e-2, 0, 2)')
  return (pos) => start + (end - start) * pos ** power
}

function check(what: string, numbers: Readonly<Record<string, number>>): void {
  const odd = Object.entries(numbers).find(([, v]) => !Number.isFinite(v))
  if (!odd) return
  const example = what === 'schedPoly' ? '1e-2, 0, 2' : '1e-2, 1e-4'
  throw wrong(`${what}: ${odd[0]} must be a number, got ${describeNumber(odd[1])}`, `say ${what}(${example})`)
}

function wrong(problem: string, fix: string): EspalierError {
  return new EspalierError('schedule/number', problem, { fix })
}
