import type { tf } from '@espalier/core'
import type { Difference, GoldenCase } from '@espalier/testkit'
import { relight } from '../../src/augment/lighting.js'
import {
  dihedralMatrix,
  flipMatrix,
  identity,
  type Matrix,
  rotateMatrix,
  zoomMatrix,
} from '../../src/augment/matrix.js'
import { placeBoxes, placePoints } from '../../src/augment/place-points.js'
import { cropResizeAll, validRect } from '../../src/augment/random-resized-crop-gpu.js'
import { composed, placeAll } from '../../src/augment/spatial.js'
import { warpMatrix } from '../../src/augment/warp.js'
import { sizeFrom } from '../../src/image/size-option.js'
import { brightness, contrast, type PadMode, randomRect, type Turn } from '../../src/index.js'
import { goldenDraws } from '../draws.js'
import { compareExactly, compareImages, inScope, tensorOf } from './numbers.js'

type Config = Readonly<Record<string, readonly number[] | undefined>> & {
  readonly tfm?: string
  readonly size?: number | readonly [number, number] | null
  readonly pad_mode?: PadMode
  readonly align_corners?: boolean
  readonly mode?: 'bilinear' | 'nearest'
}
type Drawn = Parameters<typeof composed>[0]

/** What happens to image i: a single transform, or fastai's default stack. */
function drawn(config: Config, i: number): Drawn {
  const { tfm, draw = [], draw_x: x = [], draw_y: y = [] } = config
  const affine = (matrix: Matrix) => ({ acts: 'affine' as const, matrix })
  const view = (wx: number, wy: number) => ({ acts: 'coordinates' as const, matrix: warpMatrix(wx, wy) })
  if (tfm === 'Flip') return [affine(flipMatrix(draw[i] === 1))]
  if (tfm === 'Dihedral') return [affine(dihedralMatrix(draw[i] as Turn))]
  if (tfm === 'Rotate') return [affine(rotateMatrix(draw[i]!))]
  if (tfm === 'Zoom') return [affine(zoomMatrix(draw[i]!, [x[i]!, y[i]!]))]
  if (tfm === 'Warp') return [view(x[i]!, y[i]!)]
  const { flip, warp_x, warp_y, rotate, zoom, zoom_x, zoom_y } = config
  return [
    ...(flip ? [affine(flipMatrix(flip[i] === 1))] : []),
    ...(warp_x ? [view(warp_x[i]!, warp_y![i]!)] : []),
    ...(rotate ? [affine(rotateMatrix(rotate[i]!))] : []),
    ...(zoom ? [affine(zoomMatrix(zoom[i]!, [zoom_x![i]!, zoom_y![i]!]))] : []),
  ]
}

/** One batch transform, or the stack with its lighting, with given draws on images and masks. */
export function spatialCase(golden: GoldenCase): readonly Difference[] {
  const config = golden.json.config as Config
  const valid = golden.json.case.endsWith('_valid')
  return inScope(() => {
    const keys = Object.keys(golden.json.inputs ?? {})
    const tensors = keys.map((k) => tensorOf(golden, k))
    const [n, height, width] = tensors[0]!.shape as [number, number, number]
    const picture = { width, height }
    const matrices = Array.from({ length: n }, (_, i) =>
      valid ? identity : composed(drawn(config, i), picture),
    )
    const placed = placeAll(tensors, keys, matrices, {
      size: config.size ? sizeFrom('size', config.size) : picture,
      mode: config.mode ?? 'bilinear',
      padMode: config.pad_mode ?? 'reflection',
      alignCorners: config.align_corners ?? true,
    })
    const light = valid ? [] : [brightness(), contrast()].filter((step) => config[step.name])
    const changes = light.map((step) => config[step.name]!)
    const lit = placed.map((t, i) => (keys[i] === 'image' ? relight(t as tf.Tensor4D, light, changes) : t))
    return keys.map((key, i) => compareImages(golden, key, lit[i]!))
  })
}

/** Points and boxes under the stack, in the coordinates of its matrices. */
export function pointsCase(golden: GoldenCase): readonly Difference[] {
  const config = golden.json.config as Config
  const [height, width] = config['img_size_hw'] as readonly [number, number]
  return inScope(() => {
    const n = golden.input('points').shape[0]!
    const matrices = Array.from({ length: n }, (_, i) => composed(drawn(config, i), { width, height }))
    const find = { points: placePoints, boxes: placeBoxes }
    return (['points', 'boxes'] as const).map((key) =>
      compareImages(golden, key, find[key](tensorOf(golden, key) as tf.Tensor3D, matrices)),
    )
  })
}

/** One crop for the whole batch, drawn from the stream of each row. */
export function randomResizedCropGpuCase(golden: GoldenCase): readonly Difference[] {
  const rows = golden.json.expected['rows'] as readonly {
    readonly key: number
    readonly size: number | readonly [number, number]
    readonly args: {
      readonly min_scale?: number
      readonly max_scale?: number
      readonly ratio?: readonly [number, number]
      readonly valid_scale?: number
      readonly mode?: 'bilinear' | 'nearest'
    }
    readonly seed: number
    readonly split_idx: number
    readonly crop_hw: unknown
    readonly tl_yx: unknown
  }[]
  return inScope(() => {
    const kinds = ['image', 'mask']
    const tensors = kinds.map((k) => tensorOf(golden, k))
    const [, height, width] = tensors[0]!.shape as [number, number, number]
    return rows.flatMap(({ key, size, args, seed, split_idx, crop_hw, tl_yx }) => {
      const {
        min_scale = 0.08,
        max_scale = 1,
        ratio = [3 / 4, 4 / 3] as const,
        valid_scale = 1,
        mode = 'bilinear',
      } = args
      const range = { minScale: min_scale, maxScale: max_scale, ratio }
      const rect = split_idx
        ? validRect({ width, height }, ratio, valid_scale)
        : randomRect({ width, height }, range, goldenDraws(seed), 'top first')
      const cropped = cropResizeAll(tensors, kinds, rect, sizeFrom('size', size), mode)
      return [
        compareExactly(`crop_hw ${key}`, [rect.height, rect.width], crop_hw),
        compareExactly(`tl_yx ${key}`, [rect.top, rect.left], tl_yx),
        ...kinds.map((k, i) => compareImages(golden, `${k}_${key}`, cropped[i]!)),
      ]
    })
  })
}
