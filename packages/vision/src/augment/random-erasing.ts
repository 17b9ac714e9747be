import { type TensorTransform, tensorTransform, type tf } from '@espalier/core'
import { hostCompute } from '@espalier/core/kernels'
import { checkOptions, Random, type TypedArray } from '@espalier/data'
import type { Rect, Size } from '../image/geometry.js'
import { checkNumber } from '../image/size-option.js'
import { type Draws, drawInt, roundHalfEven } from '../image/windows.js'
import { drawsPerImage } from './draws.js'

/** Which parts of images are erased, and how often. */
export interface RandomErasingOptions {
  /** Probability that something of an image is erased. Default 0.5. */
  readonly p?: number
  /** The least and the most of an image that is erased, from 0 to 1. Default 0 and 0.3. */
  readonly sl?: number
  readonly sh?: number
  /** How narrow or wide a rectangle may be: from this to one over it. Default 0.3. */
  readonly minAspect?: number
  /** How many rectangles there may be. They share the area. Default 1. */
  readonly maxCount?: number
  /** One draw for all images of a batch, as in fastai. Default false. */
  readonly batch?: boolean
}

/**
 * Fills rectangles of training images with noise of mean 0 and deviation 1 (fastai's `RandomErasing`, order 100: after
 * `normalize`). Each image has its own.
 *
 * @example
 * augTransforms({ size: 224, xtraTfms: [randomErasing({ p: 0.3, maxCount: 3 })] })
 */
export function randomErasing(options: RandomErasingOptions = {}): TensorTransform {
  const name = 'randomErasing'
  checkOptions(name, options, ['p', 'sl', 'sh', 'minAspect', 'maxCount', 'batch'])
  const { p = 0.5, sl = 0, sh = 0.3, minAspect = 0.3, maxCount = 1, batch = false } = options
  checkNumber(name, 'p', p, [0, 1])
  checkNumber(name, 'sl', sl, [0, 1])
  checkNumber(name, 'sh', sh, [sl, 1])
  checkNumber(name, 'minAspect', minAspect, [0.01, 1])
  checkNumber(name, 'maxCount', maxCount, [1, 1000])
  const range = { sl, sh, minAspect, maxCount: Math.floor(maxCount) }
  return tensorTransform({
    name,
    order: 100,
    splitIdx: 0,
    toJSON: () => ({ p, ...range, batch }),
    encode: (tensors, info) =>
      tensors.map((t, i) => {
        if (info.kinds[i] !== 'image') return t
        const [n, height, width] = t.shape as [number, number, number]
        const erased = drawsPerImage(n, info, name, batch).map((draws) =>
          draws.uniform() < p ? erasedRects({ width, height }, range, draws) : [],
        )
        const first = info.indices[0] ?? 0
        return noised(
          t as tf.Tensor4D,
          erased,
          (k) => new Random(info.place.seed, `${name} noise`, info.place.epoch, info.indices[k] ?? first + k),
        )
      }),
  })
}

/** Rectangles of a picture; one that is larger than it reaches over its edges. */
export function erasedRects(
  { width, height }: Size,
  { sl, sh, minAspect, maxCount }: Required<Omit<RandomErasingOptions, 'p' | 'batch'>>,
  draws: Draws,
): readonly Rect[] {
  const log = Math.log(minAspect)
  const count = drawInt(draws, 1, maxCount)
  const whole = (width * height) / count
  return Array.from({ length: count }, () => {
    const area = draws.uniform(sl, sh) * whole
    const aspect = Math.exp(draws.uniform(log, -log))
    const [top, tall] = stretch(area * aspect, height, draws)
    const [left, wide] = stretch(area / aspect, width, draws)
    return { left, top, width: wide, height: tall }
  })
}

/** Where a stretch of an axis begins, and how long it is. */
function stretch(area: number, n: number, draws: Draws): readonly [number, number] {
  const length = roundHalfEven(Math.sqrt(area))
  return [drawInt(draws, 0, Math.max(n - length, 0)), length]
}

/** Images with noise in rectangles of each. */
function noised(
  images: tf.Tensor4D,
  erased: readonly (readonly Rect[])[],
  noiseOf: (image: number) => Random,
): tf.Tensor4D {
  if (erased.every((rects) => rects.length === 0)) return images
  const [, h, w, c] = images.shape
  return hostCompute([images], [{ shape: images.shape }], ([x], [y]) => {
    y!.set(x!)
    for (const [i, rects] of erased.entries()) {
      if (rects.length === 0) continue
      const noise = noiseOf(i)
      const image = y!.subarray(i * h * w * c, (i + 1) * h * w * c)
      for (const rect of rects) fill(image, rect, { width: w, height: h }, c, noise)
    }
  })[0] as tf.Tensor4D
}

function fill(image: TypedArray, { left, top, ...size }: Rect, within: Size, c: number, noise: Random): void {
  const right = Math.min(left + size.width, within.width)
  const bottom = Math.min(top + size.height, within.height)
  for (let row = top; row < bottom; row++) {
    const from = (row * within.width + left) * c
    const to = (row * within.width + right) * c
    for (let at = from; at < to; at++) image[at] = noise.normal()
  }
}
