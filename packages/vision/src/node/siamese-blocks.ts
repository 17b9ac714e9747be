import type { Figure } from '@espalier/core'
import {
  type Block,
  Categorize,
  type CategoryPrediction,
  checkOptions,
  type NdArray,
  Random,
  type Splits,
  type Transform,
} from '@espalier/data'
import { intToFloat } from '../augment/int-to-float.js'
import type { RasterImage } from '../image/raster-image.js'
import { toTensor } from '../image/to-tensor.js'
import type { SiamesePair } from '../siamese/pair-pool.js'
import { labelOfPair, sameLabels } from '../siamese/same-labels.js'
import { SiameseImage, siameseGrid } from '../siamese/siamese-image.js'
import { type SiameseOptions, SiameseTransform } from '../siamese/siamese-transform.js'
import type { ImageInput } from './open-image.js'
import { type PairInput, type PairReading, pictureOfPair } from './picture-of-pair.js'

/** The pipelines of the three elements of a sample: a picture, its partner, and whether they are the same. */
export type SiamesePipelines<F> = readonly [
  readonly [SiameseTransform<F>, Transform<PairInput, RasterImage>],
  readonly [SiameseTransform<F>, Transform<PairInput, RasterImage>],
  readonly [SiameseTransform<F>, Transform<SiamesePair<unknown>, string>, Categorize],
]

/**
 * What makes samples of files: a picture, its partner, and the label `different` or `same`. Two pictures feed the model.
 *
 * @example
 * const tls = await datasets(files, siamesePipelines(tfm), { splits })
 * const dls = DataLoaders.fromDsets(tls, { itemTfms: [resize(224), toTensor()], batchTfms: [intToFloat()], render: siameseGrid })
 */
export function siamesePipelines<F extends ImageInput>(
  tfm: SiameseTransform<F>,
  options: PairReading = {},
): SiamesePipelines<F> {
  checkOptions('siamesePipelines', options, reading)
  return [
    [tfm, pictureOfPair({ at: 0, ...options })],
    [tfm, pictureOfPair({ at: 1, ...options })],
    [tfm, labelOfPair(), new Categorize({ vocab: sameLabels })],
  ]
}

const reading = ['orient', 'maxPixels', 'timeout']

/** How pairs are drawn, and their pictures opened. */
export interface SiameseBlocksOptions extends SiameseOptions, PairReading {}

/** The blocks of {@link siameseBlocks}. */
export type SiameseBlocks<F> = readonly [
  Block<F, NdArray<'uint8'>, never, Figure>,
  Block<F, NdArray<'uint8'>, never, Figure>,
  Block<F, NdArray<'int32'>, CategoryPrediction>,
]

/**
 * The blocks of samples that are pairs: two pictures and the label `different` or `same`. Items are files; their pairs
 * are drawn as {@link SiameseTransform} does, in training anew each epoch.
 *
 * @example
 * dataBlock({
 *   blocks: siameseBlocks(labelFunc),
 *   getItems: getImageFiles,
 *   splitter: trainTestSplitter({ stratify: labelFunc }),
 *   itemTfms: [resize(224)],
 * })
 */
export function siameseBlocks<F extends ImageInput = string>(
  labelFunc: (file: F) => string,
  options: SiameseBlocksOptions = {},
): SiameseBlocks<F> {
  checkOptions('siameseBlocks', options, ['seed', ...reading])
  const { seed, ...how } = options
  const drawing = () => drawnPairs(labelFunc, seed === undefined ? {} : { seed })
  let pairs = drawing()
  // The first block begins a data set; the others see the pairs that it draws.
  const begun = () => {
    pairs = drawing()
    return pairs
  }
  const followed = (): Transform<F, SiamesePair<F>> => {
    const first = pairs
    return { name: 'siamese', local: true, encode: (file, context) => first.encode(file, context) }
  }
  const picture = {
    name: 'image',
    itemTfms: [toTensor()],
    batchTfms: [intToFloat()],
    render: siameseGrid,
  }
  return [
    { ...picture, typeTfms: () => [begun(), pictureOfPair({ at: 0, ...how })] },
    { ...picture, typeTfms: () => [followed(), pictureOfPair({ at: 1, ...how })] },
    {
      name: 'category',
      typeTfms: () => [followed(), labelOfPair(), new Categorize({ vocab: sameLabels })],
    },
  ]
}

/** A {@link SiameseTransform} that a data set tells which files train and which validate. */
function drawnPairs<F>(
  labelFunc: (file: F) => string,
  options: SiameseOptions,
): Transform<F, SiamesePair<F>> {
  const files: F[] = []
  let tfm = new SiameseTransform<F>([], labelFunc, [[], []], options)
  const take = async (items: AsyncIterable<F>): Promise<number[]> => {
    const from = files.length
    for await (const file of items) files.push(file)
    return files.slice(from).map((_, i) => from + i)
  }
  let train: readonly number[] = []
  return {
    name: 'siamese',
    local: true,
    async setup(items) {
      files.length = 0
      train = await take(items)
      tfm = new SiameseTransform(files, labelFunc, [train, []], options)
    },
    async check(items) {
      const splits: Splits = [train, await take(items)]
      tfm = new SiameseTransform(files, labelFunc, splits, options)
    },
    encode: (file, context) => tfm.encode(file, context),
  }
}

/**
 * Opens both pictures of a pair, to be looked at.
 *
 * @example
 * const image = await openSiameseImage(tfm.encode(files[0]))
 * await image.show().save('pair.png')
 */
export async function openSiameseImage(pair: PairInput, options: PairReading = {}): Promise<SiameseImage> {
  checkOptions('openSiameseImage', options, reading)
  const context = { split: 1, random: new Random(0, 'open') }
  const [first, second] = await Promise.all(
    ([0, 1] as const).map((at) => pictureOfPair({ at, ...options }).encode(pair, context)),
  )
  return new SiameseImage(first!, second!, pair[2] === true)
}
