import type { NdArray } from '@espalier/data'
import { type ImageStep, type Size, sizeAfter, type Turn } from '../image/geometry.js'
import { mapMarks } from './marks.js'

/**
 * Points or boxes after steps of their picture. They span it from edge to edge, −1 to 1, before and after: what lies
 * on a pixel goes where the pixel goes.
 */
export function moveMarks(
  marks: NdArray<'float32'>,
  steps: readonly ImageStep[],
  from: Size,
): NdArray<'float32'> {
  const to = sizeAfter(from, steps)
  return mapMarks(marks, (x, y) => {
    let at: readonly [number, number] = [((x + 1) / 2) * from.width, ((y + 1) / 2) * from.height]
    let size = from
    for (const step of steps) {
      at = after(step, at, size)
      size = sizeAfter(size, [step])
    }
    return [(2 * at[0]) / to.width - 1, (2 * at[1]) / to.height - 1]
  })
}

/** Where a place, in pixels from the upper left edges, is after a step. */
function after(
  step: ImageStep,
  [x, y]: readonly [number, number],
  { width, height }: Size,
): readonly [number, number] {
  if (step.do === 'crop') return [x - step.rect.left, y - step.rect.top]
  if (step.do === 'resize') return [(x * step.size.width) / width, (y * step.size.height) / height]
  return turned(step.turn, [x, y], { width, height })
}

function turned(turn: Turn, [x, y]: readonly [number, number], { width, height }: Size): [number, number] {
  switch (turn) {
    case 0:
      return [x, y]
    case 1:
      return [width - x, y]
    case 2:
      return [x, height - y]
    case 3:
      return [y, width - x]
    case 4:
      return [width - x, height - y]
    case 5:
      return [height - y, x]
    case 6:
      return [y, x]
    case 7:
      return [height - y, width - x]
  }
}
