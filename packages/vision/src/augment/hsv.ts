import type { tf } from '@espalier/core'
import { hostCompute } from '@espalier/core/kernels'
import { EspalierError, type TypedArray } from '@espalier/data'

/** Colours `[b, h, w, 3]` as hue, saturation and value, all from 0 to 1 (fastai's `rgb2hsv`). */
export function rgb2hsv(images: tf.Tensor4D): tf.Tensor4D {
  return perPixel('rgb2hsv', images, toHsv)
}

/** Hue, saturation and value `[b, h, w, 3]` as colours (fastai's `hsv2rgb`). */
export function hsv2rgb(images: tf.Tensor4D): tf.Tensor4D {
  return perPixel('hsv2rgb', images, toRgb)
}

/** Colours with their hue moved on, for each image by its part of the circle. */
export function shiftHue(images: tf.Tensor4D, changes: readonly number[]): tf.Tensor4D {
  return perPixel('hue', images, (x, y, at, image) => {
    toHsv(x, y, at)
    const hue = Math.fround(y[at]! + changes[image]!) % 1
    y[at] = hue < 0 ? hue + 1 : hue
    toRgb(y, y, at)
  })
}

/** Throws unless images have the three channels that colours have. */
export function checkColours(of: string, { shape }: tf.Tensor): void {
  if (shape[3] === 3) return
  throw new EspalierError(
    'augment/channels',
    `${of} changes colours, images [${shape}] have ${shape[3]} channels`,
    {
      fix: 'leave it out for pictures that are not in colours',
    },
  )
}

type Pixel = (x: TypedArray, y: TypedArray, at: number, image: number) => void

function perPixel(of: string, images: tf.Tensor4D, convert: Pixel): tf.Tensor4D {
  checkColours(of, images)
  const size = images.size / images.shape[0]
  return hostCompute([images], [{ shape: images.shape }], ([x], [y]) => {
    for (let at = 0; at < y!.length; at += 3) convert(x!, y!, at, Math.floor(at / size))
  })[0] as tf.Tensor4D
}

function toHsv(x: TypedArray, y: TypedArray, at: number): void {
  const r = x[at]!
  const g = x[at + 1]!
  const b = x[at + 2]!
  const most = Math.max(r, g, b)
  const span = most - Math.min(r, g, b)
  const part =
    span === 0 ? 0 : most === r ? (g - b) / span : most === g ? 2 + (b - r) / span : 4 + (r - g) / span
  y[at] = Math.fround(part / 6 + 1) % 1
  y[at + 1] = most === 0 ? 0 : span / most
  y[at + 2] = most
}

function toRgb(x: TypedArray, y: TypedArray, at: number): void {
  const sixths = x[at]! * 6
  const value = x[at + 2]!
  const grey = value * x[at + 1]!
  y[at] = shade(5 + sixths, value, grey)
  y[at + 1] = shade(3 + sixths, value, grey)
  y[at + 2] = shade(1 + sixths, value, grey)
}

/** One channel at its distance from a colour, in sixths of the circle. */
function shade(distance: number, value: number, grey: number): number {
  const k = distance % 6
  const shaded = value - grey * Math.max(0, Math.min(k, 4 - k, 1))
  return Math.min(Math.max(shaded, 0), 1)
}
