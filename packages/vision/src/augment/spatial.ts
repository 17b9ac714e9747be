import { type BatchInfo, type TensorTransform, tensorTransform, tf } from '@espalier/core'
import type { PadMode, Size } from '../image/geometry.js'
import { checkChoice, padModes, type SizeOption, sizeFrom, sizeToJson } from '../image/size-option.js'
import { drawsPerImage, streamsOf } from './draws.js'
import { forShape, identity, type Matrix, multiply } from './matrix.js'
import { placeImages } from './place-images.js'
import type { SpatialStep } from './spatial-steps.js'

/** Size and reading of moved pictures. */
export interface SpatialOptions {
  /** Of the result; default: as the images are. */
  readonly size?: SizeOption | undefined
  /** How images are read between pixels. Masks are always read at the nearest. Default `bilinear`. */
  readonly mode?: 'bilinear' | 'nearest'
  /** What lies beyond the edges. Default `reflection`. */
  readonly padMode?: PadMode
  /** Whether −1 and 1 are the centres of the corner pixels (default) or their outer edges. */
  readonly alignCorners?: boolean
  /** One draw for all images of a batch. */
  readonly batch?: boolean
}

/**
 * Random geometry on a batch, all of it in one interpolation (fastai's composed `AffineCoordTfm`, order 30). It runs
 * in validation too, where it only brings images to `size`.
 *
 * @example
 * spatial([flip(), rotate({ maxDeg: 30, p: 1 })], { size: 128, padMode: 'zeros' })
 */
export function spatial(steps: readonly SpatialStep[], options: SpatialOptions = {}): TensorTransform {
  const { size, mode = 'bilinear', padMode = 'reflection', alignCorners = true, batch = false } = options
  const target = size === undefined ? undefined : sizeFrom('spatial', size)
  checkChoice('spatial', 'mode', mode, ['bilinear', 'nearest'])
  checkChoice('spatial', 'padMode', padMode, padModes)
  return tensorTransform({
    name: 'spatial',
    order: 30,
    toJSON: () => ({
      steps: steps.map((s) => s.toJSON()),
      ...(target && { size: sizeToJson(target) }),
      mode,
      padMode,
      alignCorners,
      batch,
    }),
    encode(tensors, info) {
      const first = tensors.find((_, i) => isPicture(info.kinds[i]))
      if (!first) return tensors
      const [n, height, width] = first.shape as [number, number, number]
      const picture = { width, height }
      const to = target ?? picture
      if (info.place.split !== 0 && to.width === width && to.height === height) return tensors
      const matrices =
        info.place.split === 0
          ? drawMatrices(steps, n, picture, info, batch)
          : Array.from({ length: n }, () => identity)
      return placeAll(tensors, info.kinds, matrices, { size: to, mode, padMode, alignCorners })
    },
  })
}

function drawMatrices(
  steps: readonly SpatialStep[],
  n: number,
  picture: Size,
  info: BatchInfo,
  batch: boolean,
): readonly Matrix[] {
  const streams = streamsOf(steps)
  const drawn = steps.map((step, k) =>
    drawsPerImage(n, info, streams[k]!, batch).map((d) => ({ acts: step.acts, matrix: step.draw(d) })),
  )
  return Array.from({ length: n }, (_, i) =>
    composed(
      drawn.map((images) => images[i]!),
      picture,
    ),
  )
}

/** What the steps do to one image, as one matrix: the affine ones in order, then those on coordinates. */
export function composed(
  drawn: readonly { readonly acts: SpatialStep['acts']; readonly matrix: Matrix }[],
  picture: Size,
): Matrix {
  const of = (acts: SpatialStep['acts']) => drawn.filter((d) => d.acts === acts).map((d) => d.matrix)
  const affine = forShape(of('affine').reduce(multiply, identity), picture)
  return of('coordinates').reduce((m, coordinates) => multiply(coordinates, m), affine)
}

/** Places the images and masks among the tensors of a batch; the others pass by. */
export function placeAll(
  tensors: readonly tf.Tensor[],
  kinds: readonly (string | undefined)[],
  matrices: readonly Matrix[],
  options: Parameters<typeof placeImages>[2],
): readonly tf.Tensor[] {
  return tensors.map((t, i) => {
    if (kinds[i] === 'image') return placeImages(t as tf.Tensor4D, matrices, options)
    if (kinds[i] !== 'mask') return t
    const classes = tf.expandDims<tf.Tensor4D>(tf.cast(t, 'float32'), 3)
    return tf.cast(tf.squeeze(placeImages(classes, matrices, { ...options, mode: 'nearest' }), [3]), 'int32')
  })
}

function isPicture(kind: string | undefined): boolean {
  return kind === 'image' || kind === 'mask'
}
