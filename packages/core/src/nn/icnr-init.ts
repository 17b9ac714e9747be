import { describeNumber, EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { kaimingNormal } from './init.js'

/**
 * Filters `[kh, kw, nIn, nOut]` for a convolution whose outputs a pixel shuffle lays out (Aitken et al. 2017; fastai's
 * `icnr_init`): each group of `scale`² neighbouring outputs begins alike, so that the shuffle begins as nearest
 * up-sampling, without the pattern of a chessboard.
 */
export function icnrInit(
  shape: readonly number[],
  scale = 2,
  init: (shape: readonly number[]) => tf.Tensor = kaimingNormal,
): tf.Tensor4D {
  const nOut = shape.at(-1) ?? 0
  const copies = scale ** 2
  if (shape.length !== 4 || !Number.isInteger(scale) || scale < 1 || nOut % copies !== 0) {
    throw new EspalierError(
      'init/icnr',
      `icnrInit: filters [${shape}] do not divide into groups of ${describeNumber(scale)}² outputs`,
      { fix: 'the last of the four sizes, the outputs, must be a multiple of scale²' },
    )
  }
  return tf.tidy(() => {
    const each = init([...shape.slice(0, -1), nOut / copies])
    return tf.reshape(tf.tile(tf.expandDims(each, 4), [1, 1, 1, 1, copies]), [...shape] as [
      number,
      number,
      number,
      number,
    ])
  })
}
