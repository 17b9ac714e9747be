import { describe, describeNumber, EspalierError, type NdArray, ndArray } from '@espalier/data'
import { ignored } from './mask-codes.js'

/** A colour: `#rrggbb`, or red, green and blue from 0 to 255. */
export type Color = string | readonly [number, number, number]

/** What the pixels of a mask file mean. */
export interface MaskMeaning {
  /** How many classes there are. */
  readonly classes: number
  /** The pixel value of each class. Default 0, 1, 2, … */
  readonly values?: readonly number[] | undefined
  /** The colour of each class: masks are then read as colours. */
  readonly colors?: readonly Color[] | undefined
  /** Pixel values, or colours, that do not count. */
  readonly ignore?: readonly (number | Color)[] | undefined
}

/** Turns the pixels of a mask `[h, w, 1 or 3]` into class numbers `[h, w, 1]`; throws at pixels that are of no class. */
export type ToClasses = (pixels: NdArray<'uint8'>) => NdArray<'uint8'>

/** A pixel that is of no class, and all values that the mask has. */
export class NoClass extends Error {
  constructor(
    readonly value: number,
    readonly found: ReadonlySet<number>,
  ) {
    super('a pixel is of no class')
  }
}

/** Makes the function that finds the class of each pixel. */
export function toClasses(meaning: MaskMeaning): ToClasses {
  const { classes, values, colors, ignore = [] } = meaning
  const keys = colors
    ? checkedCount('colors', colors, classes).map((color) => rgbOf('colors', color))
    : checkedCount('values', values ?? Array.from({ length: classes }, (_, i) => i), classes).map(
        byteOf('values'),
      )
  const classOf = new Map<number, number>()
  for (const [i, key] of keys.entries()) {
    if (classOf.has(key)) throw invalid(`${colors ? 'colors' : 'values'} have ${shown(key, !!colors)} twice`)
    classOf.set(key, i)
  }
  for (const key of ignore.map((v) =>
    colors ? rgbOf('ignore', v as Color) : byteOf('ignore')(v as number),
  )) {
    if (classOf.has(key)) throw invalid(`ignore has ${shown(key, !!colors)}, which is a class too`)
    classOf.set(key, ignored)
  }
  return (pixels) => mapped(pixels, colors ? 3 : 1, classOf)
}

function mapped(
  { data, shape }: NdArray<'uint8'>,
  channels: 1 | 3,
  classOf: ReadonlyMap<number, number>,
): NdArray<'uint8'> {
  const [h, w] = shape as [number, number]
  const result = new Uint8Array(h * w)
  // Neighbouring pixels are mostly alike.
  let [last, lastClass] = [-1, 0]
  for (let i = 0; i < result.length; i++) {
    const key = channels === 1 ? data[i]! : keyOf(data, 3 * i)
    if (key !== last) {
      const found = classOf.get(key)
      if (found === undefined) throw new NoClass(key, keysOf(data, channels))
      last = key
      lastClass = found
    }
    result[i] = lastClass
  }
  return ndArray('uint8', [h, w, 1], result, 'mask')
}

const keyOf = (data: Uint8Array, at: number) => (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!

function keysOf(data: Uint8Array, channels: 1 | 3): Set<number> {
  const keys = new Set<number>()
  for (let i = 0; i < data.length; i += channels) keys.add(channels === 1 ? data[i]! : keyOf(data, i))
  return keys
}

/** A pixel value or a colour as it is written. */
export function shown(key: number, isColor: boolean): string {
  return isColor ? `'#${key.toString(16).padStart(6, '0')}'` : String(key)
}

function checkedCount<T>(option: string, list: readonly T[], classes: number): readonly T[] {
  if (Array.isArray(list) && list.length === classes) return list
  const got = Array.isArray(list) ? `${list.length}` : describe(list)
  throw invalid(`${option} must have one for each of the ${classes} classes, got ${got}`)
}

const byteOf = (option: string) => (value: number) => {
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value
  throw invalid(`${option} are whole numbers from 0 to 255, got ${describeNumber(value)}`)
}

function rgbOf(option: string, color: Color): number {
  if (typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color)) return Number.parseInt(color.slice(1), 16)
  const isByte = (v: unknown) => Number.isInteger(v) && Number(v) >= 0 && Number(v) <= 255
  if (Array.isArray(color) && color.length === 3 && color.every(isByte)) {
    const [r, g, b] = color as unknown as readonly [number, number, number]
    return (r << 16) | (g << 8) | b
  }
  throw invalid(`${option} are colours such as '#ff8000' or [255, 128, 0], got ${describe(color)}`)
}

function invalid(problem: string): EspalierError {
  return new EspalierError('mask/option', `maskBlock: ${problem}`, {
    fix: "say maskBlock({ codes: ['road', 'car'], colors: ['#804080', '#400080'], ignore: ['#000000'] })",
  })
}
