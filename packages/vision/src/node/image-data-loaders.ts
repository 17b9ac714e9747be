import type { Figure } from '@espalier/core'
import {
  type BatchTransform,
  type CategoryPrediction,
  categoryBlock,
  type DataLoaders,
  dataBlock,
  describe,
  EspalierError,
  grandparentSplitter,
  type ItemTransform,
  type LoaderOptions,
  type NdArray,
  parentLabel,
  randomSplitter,
  regexLabeller,
  type Splitter,
} from '@espalier/data'
import { getImageFiles } from '@espalier/data/node'
import { imageBlock } from './image-block.js'

/** How labelled photos are divided, transformed and batched. */
export interface ImageDataLoadersOptions extends LoaderOptions<string> {
  /** Which photos validate; default a random `validPct` of them. */
  readonly splitter?: Splitter<string>
  /** Default 0.2. */
  readonly validPct?: number
  readonly itemTfms?: readonly ItemTransform[]
  readonly batchTfms?: readonly BatchTransform[]
}

/** Loaders of photos with one label each. */
export type LabelledImages = DataLoaders<
  readonly [NdArray<'uint8'>, NdArray<'int32'>],
  CategoryPrediction,
  Figure
>

/** Loaders for the usual ways of keeping labelled photos (fastai's `ImageDataLoaders`). */
export const ImageDataLoaders = {
  /** Labels each file by a function of its path (fastai's `from_path_func`). */
  async fromPathFunc(
    files: readonly string[],
    label: (path: string) => string,
    { splitter, validPct = 0.2, itemTfms = [], batchTfms = [], ...options }: ImageDataLoadersOptions = {},
  ): Promise<LabelledImages> {
    checkFiles(files)
    checkLabel(label)
    const block = dataBlock({
      blocks: [imageBlock(), categoryBlock()],
      getItems: (source: readonly string[]) => source,
      getY: label,
      splitter:
        splitter ?? randomSplitter({ validPct, ...(options.seed !== undefined && { seed: options.seed }) }),
      itemTfms,
      batchTfms,
    })
    return block.dataLoaders(files, options)
  },

  /** Labels each file by the first group of a pattern in its path (`from_path_re`). */
  async fromPathRe(
    files: readonly string[],
    pattern: RegExp,
    options?: ImageDataLoadersOptions,
  ): Promise<LabelledImages> {
    return ImageDataLoaders.fromPathFunc(files, regexLabeller(pattern), options)
  },

  /** Labels each file by a function of its name alone (`from_name_func`). */
  async fromNameFunc(
    files: readonly string[],
    label: (name: string) => string,
    options?: ImageDataLoadersOptions,
  ): Promise<LabelledImages> {
    checkLabel(label)
    return ImageDataLoaders.fromPathFunc(files, (path) => label(nameOf(path)), options)
  },

  /**
   * Labels each file by the first group of a pattern in its name (`from_name_re`).
   *
   * @example
   * await ImageDataLoaders.fromNameRe(await getImageFiles('pets'), /^(.+)_\d+\.jpg$/, { itemTfms: [resize(224)] })
   */
  async fromNameRe(
    files: readonly string[],
    pattern: RegExp,
    options?: ImageDataLoadersOptions,
  ): Promise<LabelledImages> {
    const label = regexLabeller(pattern)
    return ImageDataLoaders.fromPathFunc(files, (path) => label(nameOf(path)), options)
  },

  /**
   * Labels each photo by its folder (`from_folder`). Where the folders `train` and `valid` lie above those of the
   * labels they divide the photos, unless `validPct` is given.
   */
  async fromFolder(path: string, options: ImageDataLoadersOptions = {}): Promise<LabelledImages> {
    const files = await getImageFiles(path)
    const divided =
      options.validPct === undefined && !options.splitter && files.some((f) => partOf(f, -3) === 'valid')
    return ImageDataLoaders.fromPathFunc(
      files,
      parentLabel,
      divided ? { ...options, splitter: grandparentSplitter() } : options,
    )
  },
}

function nameOf(path: string): string {
  return partOf(path, -1)
}

/** A part of a path, from its end. */
function partOf(path: string, at: number): string {
  return path.replaceAll('\\', '/').split('/').at(at) ?? ''
}

function checkFiles(files: unknown): void {
  if (!Array.isArray(files)) {
    throw new EspalierError('images/files', `the files must be a list of paths, got ${describe(files)}`, {
      fix:
        typeof files === 'string'
          ? 'list them first: await getImageFiles(folder)'
          : files instanceof Promise
            ? 'await it: await getImageFiles(folder)'
            : "say await getImageFiles('pets/images')",
    })
  }
  const wrong = files.find((file) => typeof file !== 'string')
  if (wrong === undefined) return
  throw new EspalierError('images/files', `a file must be a path, got ${describe(wrong)}`, {
    fix: 'for pictures in memory use dataBlock with an imageBlock()',
  })
}

function checkLabel(label: unknown): void {
  if (typeof label === 'function') return
  throw new EspalierError('images/label', `the label must be a function of a path, got ${describe(label)}`, {
    fix:
      label instanceof RegExp
        ? 'for a pattern use fromNameRe or fromPathRe'
        : 'say which label a path has: (path) => …',
  })
}
