import { type BatchInfo, type TensorTransform, tensorTransform, tf } from '@espalier/core'
import { checkOptions } from '@espalier/data'
import type { PadMode, Size } from '../image/geometry.js'
import { checkChoice, padModes, type SizeOption, sizeFrom, sizeToJson } from '../image/size-option.js'
import { drawsPerImage, streamsOf } from './draws.js'
import { forShape, identity, type Matrix, multiply } from './matrix.js'
import { type PlaceOptions, placeImages, sizeRead } from './place-images.js'
import { forPoints, placeBoxes, placePoints } from './place-points.js'
import type { SpatialStep } from './spatial-steps.js'

/** Size and reading of moved pictures. */
export interface SpatialOptions {
  /** Of the result; default: as the images are. */
  readonly size?: SizeOption | undefined
  /** How images are read between pixels. Default `bilinear`. */
  readonly mode?: 'bilinear' | 'nearest'
  /** How masks are. Default `nearest`, which keeps classes; others are cut off to whole numbers. */
  readonly modeMask?: 'bilinear' | 'nearest'
  /** What lies beyond the edges. Default `reflection`. */
  readonly padMode?: PadMode
  /** Whether −1 and 1 are the centres of the corner pixels (default) or their outer edges. */
  readonly alignCorners?: boolean
  /** One draw for all images of a batch. */
  readonly batch?: boolean
}

/** A {@link spatial} and what it is made of. */
export interface SpatialTransform extends TensorTransform {
  readonly steps: readonly SpatialStep[]
  readonly options: SpatialOptions
}

/**
 * Random geometry on a batch, all of it in one interpolation (fastai's composed `AffineCoordTfm`, order 30): images,
 * masks, points and boxes move together. It runs in validation too, where it only brings images to `size`.
 *
 * @example
 * spatial([flip(), rotate({ maxDeg: 30, p: 1 })], { size: 128, padMode: 'zeros' })
 */
export function spatial(steps: readonly SpatialStep[], options: SpatialOptions = {}): SpatialTransform {
  checkOptions('spatial', options, ['size', 'mode', 'modeMask', 'padMode', 'alignCorners', 'batch'])
  const { size, mode = 'bilinear', modeMask = 'nearest', padMode = 'reflection' } = options
  const { alignCorners = true, batch = false } = options
  const target = size === undefined ? undefined : sizeFrom('spatial', size)
  checkChoice('spatial', 'mode', mode, ['bilinear', 'nearest'])
  checkChoice('spatial', 'modeMask', modeMask, ['bilinear', 'nearest'])
  checkChoice('spatial', 'padMode', padMode, padModes)
  const transform = tensorTransform({
    name: 'spatial',
    order: 30,
    toJSON: () => ({
      steps: steps.map((s) => s.toJSON()),
      ...(target && { size: sizeToJson(target) }),
      mode,
      ...(modeMask !== 'nearest' && { modeMask }),
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
      return placeAll(tensors, info.kinds, matrices, { size: to, mode, modeMask, padMode, alignCorners })
    },
    moves(info, from) {
      const { split } = info.place
      const n = info.indices.length
      const matrices =
        split === 0 ? drawMatrices(steps, n, from, info, batch) : Array.from({ length: n }, () => identity)
      const to = target ?? from
      const read = sizeRead([n, from.height, from.width], matrices, { size: to, mode, alignCorners })
      return { matrices: matrices.map((m) => forPoints(m, read, to, alignCorners)), size: to }
    },
  })
  return { ...transform, steps, options }
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

/** Places the images, masks, points and boxes among the tensors of a batch; the others pass by. */
export function placeAll(
  tensors: readonly tf.Tensor[],
  kinds: readonly (string | undefined)[],
  matrices: readonly Matrix[],
  options: PlaceOptions,
): readonly tf.Tensor[] {
  const forMarks = once(() => {
    const at = kinds.findIndex(isPicture)
    const picture = tensors[at]!
    const mode = kinds[at] === 'image' ? options.mode : 'nearest'
    const from = sizeRead(picture.shape, matrices, { ...options, mode })
    return matrices.map((m) => forPoints(m, from, options.size, options.alignCorners))
  })
  return tensors.map((t, i) => {
    if (kinds[i] === 'image') return placeImages(t as tf.Tensor4D, matrices, options)
    if (kinds[i] === 'mask') return placeMasks(t, matrices, options)
    if (kinds[i] === 'points') return placePoints(t as tf.Tensor3D, forMarks())
    return kinds[i] === 'boxes' ? placeBoxes(t as tf.Tensor3D, forMarks()) : t
  })
}

/** Masks `[b, h, w]`, or `[b, h, w, 1]`. */
function placeMasks(masks: tf.Tensor, matrices: readonly Matrix[], options: PlaceOptions): tf.Tensor {
  const { modeMask = 'nearest' } = options
  const [b, h, w] = masks.shape as [number, number, number]
  const classes = tf.reshape<tf.Rank.R4>(tf.cast(masks, modeMask === 'nearest' ? 'int32' : 'float32'), [
    b,
    h,
    w,
    1,
  ])
  const placed = tf.cast(placeImages(classes, matrices, { ...options, mode: modeMask }), 'int32')
  return masks.rank === 4 ? placed : tf.squeeze(placed, [3])
}

function isPicture(kind: string | undefined): boolean {
  return kind === 'image' || kind === 'mask'
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
