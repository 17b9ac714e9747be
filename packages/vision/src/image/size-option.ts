import { describeNumber, EspalierError } from '@espalier/data'
import type { Size } from './geometry.js'
import type { PartRange } from './windows.js'

/** A size as users give it: one number for a square, or `[height, width]`. */
export type SizeOption = number | readonly [height: number, width: number]

/** Checks and spells out a size; `of` names the transform in the error. */
export function sizeFrom(of: string, option: SizeOption): Size {
  const lengths: readonly unknown[] = Array.isArray(option) ? option : [option, option]
  const [height, width] = lengths
  if (lengths.length === 2 && isLength(height) && isLength(width)) return { width, height }
  throw new EspalierError(
    'image/size',
    `${of}: the size must be a whole number of pixels, or two, got ${describeNumber(option)}`,
    { fix: 'say 224, or [height, width]' },
  )
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

/** Throws unless `value` is a number in `[least, most]`. */
export function checkNumber(of: string, option: string, value: unknown, [least, most]: Range): void {
  if (typeof value === 'number' && value >= least && value <= most) return
  const range = most === Number.POSITIVE_INFINITY ? `at least ${least}` : `from ${least} to ${most}`
  throw new EspalierError(
    'image/option',
    `${of}: ${option} must be a number ${range}, got ${describeNumber(value)}`,
    { fix: 'leave it out for the usual value' },
  )
}

/** Throws unless a part of a picture, as random crops draw it, can be one. */
export function checkPart(of: string, { minScale, maxScale, ratio }: PartRange): void {
  checkNumber(of, 'minScale', minScale, [0, 1])
  checkNumber(of, 'maxScale', maxScale, [minScale, 1])
  const [least = 0, most = 0] = Array.isArray(ratio) ? ratio : []
  if (least > 0 && most >= least && most < Number.POSITIVE_INFINITY) return
  throw new EspalierError(
    'image/option',
    `${of}: ratio must be the least and the most of width over height, got ${describeNumber(ratio)}`,
    { fix: 'say ratio: [3 / 4, 4 / 3]' },
  )
}

/** The least and the most that a number may be. */
export type Range = readonly [least: number, most: number]

/** The ways of filling what lies outside a picture, with fastai's names. */
export const padModes = ['zeros', 'border', 'reflection'] as const
