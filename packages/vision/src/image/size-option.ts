import { EspalierError } from '@espalier/data'
import type { Size } from './geometry.js'

/** A size as users give it: one number for a square, or `[height, width]`. */
export type SizeOption = number | readonly [height: number, width: number]

/** Checks and spells out a size; `of` names the transform in the error. */
export function sizeFrom(of: string, option: SizeOption): Size {
  const [height, width] = typeof option === 'number' ? [option, option] : option
  if (!isLength(height) || !isLength(width)) {
    throw new EspalierError(
      'image/size',
      `${of}: the size must be a whole number of pixels, or two, got ${JSON.stringify(option)}`,
      { fix: `say ${of}(224), or ${of}([height, width])` },
    )
  }
  return { width, height }
}

function isLength(n: unknown): n is number {
  return Number.isInteger(n) && (n as number) >= 1 && (n as number) <= 65_535
}

/** As it is written down: `[height, width]`. */
export function sizeToJson({ width, height }: Size): readonly [number, number] {
  return [height, width]
}

/** Throws unless `value` is one of the choices. */
export function checkChoice(of: string, option: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return
  throw new EspalierError('image/option', `${of}: ${option} cannot be ${JSON.stringify(value)}`, {
    fix: `one of ${choices.join(', ')}`,
  })
}

/** The ways of filling what lies outside a picture, with fastai's names. */
export const padModes = ['zeros', 'border', 'reflection'] as const
