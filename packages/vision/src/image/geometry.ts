/** In pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** A part of a picture, in pixels; it may reach over the edges. */
export interface Rect extends Size {
  readonly left: number
  readonly top: number
}

/** What lies beyond the edges: black, the nearest pixel, or the picture mirrored at its outermost pixels. */
export type PadMode = 'zeros' | 'border' | 'reflection'

/**
 * One of the eight ways to lay a picture on itself: 0 as it is, 1 mirrored left to right, 2 top to bottom,
 * 3, 4, 5 turned by 90°, 180°, 270° against the clock, 6 and 7 mirrored at the falling and the rising diagonal.
 */
export type Turn = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

/** Something still to be done to a picture, in pixels of what the steps before it leave. */
export type ImageStep =
  | { readonly do: 'crop'; readonly rect: Rect; readonly padMode: PadMode }
  | { readonly do: 'resize'; readonly size: Size; readonly filter?: 'bilinear' | 'nearest' }
  | { readonly do: 'turn'; readonly turn: Turn }

/** True for the turns that exchange width and height. */
export function swapsSides(turn: Turn): boolean {
  return turn === 3 || turn >= 5
}

/** The size of a picture once the steps are done. */
export function sizeAfter({ width, height }: Size, steps: readonly ImageStep[]): Size {
  return steps.reduce<Size>(
    (size, step) => {
      if (step.do === 'crop') return { width: step.rect.width, height: step.rect.height }
      if (step.do === 'resize') return step.size
      return swapsSides(step.turn) ? { width: size.height, height: size.width } : size
    },
    { width, height },
  )
}

/** The part of a rectangle that lies within a picture; nothing when they do not meet. */
export function insideOf({ left, top, width, height }: Rect, picture: Size): Rect | undefined {
  const [x, y] = [Math.max(0, left), Math.max(0, top)]
  const right = Math.min(picture.width, left + width)
  const bottom = Math.min(picture.height, top + height)
  return right > x && bottom > y ? { left: x, top: y, width: right - x, height: bottom - y } : undefined
}

/** The rectangle of this size around the middle; half pixels go to the left and to the top (fastai's `//`). */
export function centred(picture: Size, { width, height }: Size): Rect {
  return {
    left: Math.floor((picture.width - width) / 2),
    top: Math.floor((picture.height - height) / 2),
    width,
    height,
  }
}
