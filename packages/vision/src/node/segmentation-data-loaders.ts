import type { Figure } from '@espalier/core'
import {
  type DataLoaders,
  dataBlock,
  describe,
  EspalierError,
  type NdArray,
  randomSplitter,
} from '@espalier/data'
import type { MaskPrediction } from '../blocks/mask-codes.js'
import { imageBlock } from './image-block.js'
import type { ImageDataLoadersOptions } from './image-data-loaders.js'
import { type MaskBlockOptions, maskBlock } from './mask-block.js'
import type { ImageInput } from './open-image.js'

/** The classes of the masks, and how photos and masks are divided, transformed and batched. */
export interface SegmentationDataLoadersOptions
  extends ImageDataLoadersOptions,
    Pick<MaskBlockOptions, 'codes' | 'values' | 'colors' | 'palette' | 'ignore'> {}

/** Loaders of photos with a mask each. */
export type MaskedImages = DataLoaders<readonly [NdArray<'uint8'>, NdArray<'uint8'>], MaskPrediction, Figure>

/** Loaders for the usual ways of keeping photos and their masks (fastai's `SegmentationDataLoaders`). */
export const SegmentationDataLoaders = {
  /**
   * Finds the mask of each photo by a function of its path (fastai's `from_label_func`).
   *
   * @example
   * await SegmentationDataLoaders.fromLabelFunc(
   *   await getImageFiles('camvid/images'),
   *   (path) => path.replace('images', 'labels').replace('.jpg', '.png'),
   *   { codes, bs: 8, itemTfms: [resize([180, 240])], batchTfms: augTransforms() },
   * )
   */
  async fromLabelFunc(
    files: readonly string[],
    labelFunc: (path: string) => ImageInput | Promise<ImageInput>,
    options: SegmentationDataLoadersOptions,
  ): Promise<MaskedImages> {
    checkFiles(files)
    if (typeof labelFunc !== 'function') {
      throw new EspalierError(
        'masks/label',
        `the mask must be a function of a path, got ${describe(labelFunc)}`,
        {
          fix: "say where the mask of a photo lies: (path) => path.replace('images', 'masks')",
        },
      )
    }
    const { codes, values, colors, palette, ignore, splitter, validPct = 0.2, ...rest } = options ?? {}
    const { itemTfms = [], batchTfms = [], ...loading } = rest
    const seed = loading.seed !== undefined ? { seed: loading.seed } : {}
    const block = dataBlock({
      blocks: [
        imageBlock(),
        maskBlock({
          codes,
          ...(values && { values }),
          ...(colors && { colors }),
          ...(palette !== undefined && { palette }),
          ...(ignore !== undefined && { ignore }),
        }),
      ],
      getItems: (source: readonly string[]) => source,
      getY: labelFunc,
      splitter: splitter ?? randomSplitter({ validPct, ...seed }),
      itemTfms,
      batchTfms,
    })
    return block.dataLoaders(files, loading)
  },
}

function checkFiles(files: unknown): void {
  if (Array.isArray(files) && files.every((file) => typeof file === 'string')) return
  throw new EspalierError('masks/files', `the files must be a list of paths, got ${describe(files)}`, {
    fix: "say await getImageFiles('camvid/images')",
  })
}
