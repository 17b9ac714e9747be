import { cardGrid, type Figure } from '@espalier/core'
import {
  type Block,
  checkOptions,
  describeNumber,
  EspalierError,
  type NdArray,
  ndArray,
  type Random,
  type TransformContext,
} from '@espalier/data'

/** How long a vector of noise is. */
export interface NoiseOptions {
  /** Default 100. */
  readonly size?: number
}

/** A vector of normal noise (fastai's `generate_noise`). */
export function generateNoise(random: Random, size = 100): NdArray<'float32'> {
  return ndArray(
    'float32',
    [size],
    Float32Array.from({ length: size }, () => random.normal()),
    'noise',
  )
}

/**
 * Noise for a generator, `[b, size]`: of an item other noise in each epoch, and in validation always the same. There is
 * nothing to see in it, and it is not shown (fastai's `generate_noise` as a getter, an `InvisibleTensor`).
 *
 * @example
 * dataBlock({ blocks: [noiseBlock(), imageBlock()], getItems: getImageFiles, splitter: noSplitter(), itemTfms: [resize(64)] })
 */
export function noiseBlock(options: NoiseOptions = {}): Block<unknown, NdArray<'float32'>, never, Figure> {
  checkOptions('noiseBlock', options, ['size'])
  const { size = 100 } = options
  if (!Number.isInteger(size) || size < 1) {
    throw new EspalierError(
      'gan/noise',
      `the size of noise must be a whole number, got ${describeNumber(size)}`,
      {
        fix: 'say noiseBlock({ size: 100 })',
      },
    )
  }
  return {
    name: 'noise',
    typeTfms: () => [
      {
        name: 'generateNoise',
        encode: (_: unknown, { random }: TransformContext) => generateNoise(random, size),
        show: () => ({ text: '' }),
        accepts: () => true,
        toJSON: () => ({ size }),
      },
    ],
    render: (cards) => cardGrid(cards.then((all) => all.map((card) => card.slice(1)))),
  }
}
