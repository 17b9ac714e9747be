import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import { checkRank, shapeError } from './check.js'
import { sampleGrid, sampleGridGrad } from './grid-sample-host.js'

/** How an image is read between its pixels and beyond its edges, with torch's names. */
export interface GridSampleOptions {
  readonly mode?: 'bilinear' | 'nearest'
  /** What lies outside: nothing, the nearest edge, or the image mirrored at its border. */
  readonly padding?: 'zeros' | 'border' | 'reflection'
  /** True: −1 and 1 are the centres of the corner pixels; false: the outer edges of the image. */
  readonly alignCorners?: boolean
}
/** Options with every default filled in, as engines get them. */
export type GridSampleAttrs = Required<GridSampleOptions>

/**
 * Reads an image at the places of a grid (torch's `grid_sample`): x `[b, h, w, c]`, grid `[b, h', w', 2]` of
 * (x, y) in [−1, 1] → `[b, h', w', c]`. Differentiable in both.
 */
export function gridSample(x: tf.Tensor4D, grid: tf.Tensor4D, options: GridSampleOptions = {}): tf.Tensor4D {
  const { mode = 'bilinear', padding = 'zeros', alignCorners = false } = options
  checkRank('gridSample', 'the image', x, 4)
  checkRank('gridSample', 'the grid', grid, 4)
  if (grid.shape[3] !== 2 || grid.shape[0] !== x.shape[0]) {
    throw shapeError('gridSample', `the grid must be [${x.shape[0]}, h, w, 2], got [${grid.shape}]`)
  }
  return gridSampleKernel({ x, grid }, { mode, padding, alignCorners })[0] as tf.Tensor4D
}

/** `x`, `grid` → y. */
export const gridSampleKernel = defineKernel<{ x: tf.Tensor4D; grid: tf.Tensor4D }, GridSampleAttrs>({
  name: 'EspalierGridSample',
  compose: ({ x, grid }, attrs) => {
    const [b, oh, ow] = grid.shape
    return hostCompute([x, grid], [{ shape: [b, oh, ow, x.shape[3]] }], ([xs, places], [y]) =>
      sampleGrid(xs!, places!, y!, x.shape, attrs),
    )
  },
  saves: { inputs: ['x', 'grid'] },
  gradient: ([dy], saved, attrs) => {
    const [x, grid] = saved as [tf.Tensor4D, tf.Tensor4D]
    const [dx, dGrid] = gridSampleGradKernel({ dy: dy as tf.Tensor4D, x, grid }, attrs)
    return { x: () => dx!, grid: () => dGrid! }
  },
})

/** `dy`, `x`, `grid` → dx, dGrid. */
export const gridSampleGradKernel = defineKernel<
  { dy: tf.Tensor4D; x: tf.Tensor4D; grid: tf.Tensor4D },
  GridSampleAttrs
>({
  name: 'EspalierGridSampleGrad',
  compose: ({ dy, x, grid }, attrs) =>
    hostCompute(
      [dy, x, grid],
      [{ shape: x.shape }, { shape: grid.shape }],
      ([dys, xs, places], [dx, dGrid]) => sampleGridGrad(dys!, xs!, places!, dx!, dGrid!, x.shape, attrs),
    ),
})
