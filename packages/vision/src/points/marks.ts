import { describe, EspalierError, isNdArray, type NdArray, ndArray } from '@espalier/data'

/** Places `[n, 2]` as (x, y), boxes `[n, 4]` as (left, top, right, bottom). */
export type MarkKind = 'points' | 'boxes'

/** Points as they are given: a list of pairs, or all numbers in one list. */
export type PointsInput = readonly (readonly number[])[] | readonly number[] | NdArray

const columns = { points: 2, boxes: 4 } as const
const words = { points: '(x, y)', boxes: '(left, top, right, bottom)' } as const

/** Points or boxes as float32 `[n, 2]` or `[n, 4]`. */
export function marksOf(kind: MarkKind, given: PointsInput): NdArray<'float32'> {
  const problem = marksProblem(kind, given)
  if (problem) {
    throw new EspalierError(`${kind}/value`, `${describe(given)} cannot be ${kind} of a picture`, {
      fix: problem,
    })
  }
  const numbers = numbersOf(given)
  const step = columns[kind]
  return ndArray('float32', [numbers.length / step, step], numbers, kind)
}

/** What must be given instead of points or boxes; nothing where they are fine. */
export function marksProblem(kind: MarkKind, given: unknown): string | undefined {
  const step = columns[kind]
  const form = `give a list of ${words[kind]}`
  if (!Array.isArray(given) && !isNdArray(given)) return form
  const odd = Array.isArray(given) ? given.find((m) => Array.isArray(m) && m.length !== step) : undefined
  if (odd) return `${form}: one has ${odd.length} numbers`
  const numbers = numbersOf(given as PointsInput)
  if (!numbers.every((v) => Number.isFinite(v))) return `${form}, all of them finite numbers`
  if (numbers.length % step !== 0) return `${form}: ${numbers.length} numbers are no multiple of ${step}`
  return undefined
}

function numbersOf(given: PointsInput): number[] {
  return isNdArray(given) ? Array.from(given.data) : (given.flat() as number[])
}

/** An element of a sample as points or boxes, if it is some. */
export function asMarks(element: unknown): (NdArray<'float32'> & { readonly kind: MarkKind }) | undefined {
  if (!isNdArray(element) || element.dtype !== 'float32') return undefined
  return element.kind === 'points' || element.kind === 'boxes'
    ? (element as NdArray<'float32'> & { readonly kind: MarkKind })
    : undefined
}

/** The marks elsewhere: `place` is given both coordinates of each corner. Of boxes the corners are put in order again. */
export function mapMarks(
  { data, shape, kind }: NdArray<'float32'>,
  place: (x: number, y: number) => readonly [number, number],
): NdArray<'float32'> {
  const moved = new Float32Array(data.length)
  for (let i = 0; i < data.length; i += 2) [moved[i], moved[i + 1]] = place(data[i]!, data[i + 1]!)
  if (kind === 'boxes') for (let i = 0; i < moved.length; i += 4) straighten(moved, i)
  return ndArray('float32', shape, moved, kind)
}

function straighten(boxes: Float32Array, i: number): void {
  for (const j of [i, i + 1]) {
    const [a, b] = [boxes[j]!, boxes[j + 2]!]
    boxes[j] = Math.min(a, b)
    boxes[j + 2] = Math.max(a, b)
  }
}
