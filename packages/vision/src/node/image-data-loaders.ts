import { join } from 'node:path'
import type { Figure } from '@espalier/core'
import {
  type AnyBlock,
  type ArrayOf,
  type BatchTransform,
  type Block,
  type CategoryPrediction,
  categoryBlock,
  colReader,
  colSplitter,
  type DataLoaders,
  dataBlock,
  describe,
  EspalierError,
  grandparentSplitter,
  type ItemTransform,
  type LoaderOptions,
  type MultiCategoryPrediction,
  multiCategoryBlock,
  type NdArray,
  type PredictionOf,
  parentLabel,
  type RawOf,
  randomSplitter,
  regexLabeller,
  regressionBlock,
  type Splitter,
} from '@espalier/data'
import { getImageFiles } from '@espalier/data/node'
import { imageBlock } from './image-block.js'
import { labelsByFile } from './labels-by-file.js'
import type { ImageInput } from './open-image.js'
import { type ReadCsvOptions, readCsv } from './read-csv.js'

/** How labelled photos are divided, transformed and batched. */
export interface ImageDataLoadersOptions extends LoaderOptions {
  /** Which photos validate; default a random `validPct` of them. */
  readonly splitter?: Splitter<string>
  /** Default 0.2. */
  readonly validPct?: number
  readonly itemTfms?: readonly ItemTransform[]
  readonly batchTfms?: readonly BatchTransform[]
}

/** Also how photos are read. */
export interface ReadImagesOptions extends ImageDataLoadersOptions {
  /** Default `imageBlock()`; for grey photos `imageBlock({ grey: true })`. */
  readonly imgBlock?: ImageBlock
}

/** Also what their labels are. */
export interface LabelledImagesOptions extends ReadImagesOptions {
  /** What is predicted. Default `categoryBlock()`. */
  readonly yBlock?: AnyBlock
}

/** Where labelled photos lie in folders. */
export interface FromFolderOptions extends ReadImagesOptions {
  /** The folders that divide the photos. Default `'train'` and `'valid'`. */
  readonly train?: string
  readonly valid?: string
  /** The classes, in the order of the model's outputs. Default: the sorted folders. */
  readonly vocab?: readonly string[]
}

/** Which columns of a table are the photo, its label and its part. */
export interface FromDfOptions extends LabelledImagesOptions {
  /** The folder that names of files begin at. Default: where the program runs. */
  readonly path?: string
  /** A folder in it. */
  readonly folder?: string
  /** Is put behind each name, such as `'.jpg'`. */
  readonly suff?: string
  /** The column of the file's name, by name or number. Default 0. */
  readonly fnCol?: string | number
  /** The column of the label, or several. Default 1. */
  readonly labelCol?: string | number | readonly (string | number)[]
  /** Takes labels apart into several. */
  readonly labelDelim?: string
  /** A column that is true for photos that validate. Default: a random part. */
  readonly validCol?: string | number
}

/** A table in a file. */
export interface FromCsvOptions extends Omit<FromDfOptions, 'path'>, ReadCsvOptions {
  /** Relative to the path. Default `labels.csv`. */
  readonly csvFname?: string
}

type ImageBlock = Block<ImageInput, NdArray<'uint8'>, unknown, Figure>
type Y<O> = O extends { readonly yBlock: infer B extends AnyBlock } ? B : never
/** What a label must be: a text, unless another block is given. */
type Label<O> = [Y<O>] extends [never] ? string : RawOf<Y<O>>

/** Loaders of photos and what a block makes of their labels. */
export type ImagesWith<B> = DataLoaders<readonly [NdArray<'uint8'>, ArrayOf<B>], PredictionOf<B>, Figure>
/** Loaders of photos with one label each. */
export type LabelledImages = DataLoaders<
  readonly [NdArray<'uint8'>, NdArray<'int32'>],
  CategoryPrediction,
  Figure
>
/** Loaders of photos with any number of labels each. */
export type MultiLabelledImages = DataLoaders<
  readonly [NdArray<'uint8'>, NdArray<'float32'>],
  MultiCategoryPrediction,
  Figure
>
/** Loaders of photos with a number each. */
export type NumberedImages = DataLoaders<readonly [NdArray<'uint8'>, NdArray<'float32'>], number, Figure>

/** What options make of photos: one label each, unless they say something else. */
export type ImagesFrom<O> = [Y<O>] extends [never] ? LabelledImages : ImagesWith<Y<O>>
type ImagesFromDf<O> = [Y<O>] extends [never]
  ? O extends { readonly labelDelim: string } | { readonly labelCol: readonly unknown[] }
    ? MultiLabelledImages
    : LabelledImages
  : ImagesWith<Y<O>>
type ImagesFromLists<L, O> = [Y<O>] extends [never]
  ? L extends readonly string[]
    ? MultiLabelledImages
    : L extends number
      ? NumberedImages
      : LabelledImages
  : ImagesWith<Y<O>>

/** Loaders for the usual ways of keeping labelled photos (fastai's `ImageDataLoaders`). */
export const ImageDataLoaders = {
  /** Labels each file by a function of its path (fastai's `from_path_func`). */
  async fromPathFunc<const O extends LabelledImagesOptions = LabelledImagesOptions>(
    files: readonly string[],
    label: (path: string) => Label<O>,
    options?: O,
  ): Promise<ImagesFrom<O>> {
    checkFiles(files)
    checkLabel(label)
    return load(files, label, options ?? {}, categoryBlock()) as Promise<ImagesFrom<O>>
  },

  /** Labels each file by the first group of a pattern in its path (`from_path_re`). */
  async fromPathRe(
    files: readonly string[],
    pattern: RegExp,
    options?: ReadImagesOptions,
  ): Promise<LabelledImages> {
    return ImageDataLoaders.fromPathFunc(files, regexLabeller(pattern), options)
  },

  /** Labels each file by a function of its name alone (`from_name_func`). */
  async fromNameFunc<const O extends LabelledImagesOptions = LabelledImagesOptions>(
    files: readonly string[],
    label: (name: string) => Label<O>,
    options?: O,
  ): Promise<ImagesFrom<O>> {
    checkLabel(label)
    return ImageDataLoaders.fromPathFunc<O>(files, (path) => label(nameOf(path)), options)
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
    options?: ReadImagesOptions,
  ): Promise<LabelledImages> {
    const label = regexLabeller(pattern)
    return ImageDataLoaders.fromPathFunc(files, (path) => label(nameOf(path)), options)
  },

  /**
   * Labels each photo by its folder (`from_folder`). Where the folders `train` and `valid` lie above those of the
   * labels they divide the photos, unless `validPct` is given.
   */
  async fromFolder(
    path: string,
    { train, valid, vocab, ...options }: FromFolderOptions = {},
  ): Promise<LabelledImages> {
    const files = await getImageFiles(path)
    const named = train !== undefined || valid !== undefined
    const divided =
      options.validPct === undefined &&
      !options.splitter &&
      (named || files.some((file) => partOf(file, -3) === 'valid'))
    const names = { ...(train !== undefined && { train }), ...(valid !== undefined && { valid }) }
    const splitter = divided ? { splitter: grandparentSplitter(names) } : {}
    const block = categoryBlock({ ...(vocab && { vocab }) })
    return load(files, parentLabel, { ...options, ...splitter }, block) as Promise<LabelledImages>
  },

  /**
   * Takes files and labels from rows (`from_df`): objects with a key for each column, or lists. Where labels are taken
   * apart or lie in several columns, a photo has any number of them.
   *
   * @example
   * await ImageDataLoaders.fromDf(rows, { path: 'planet', folder: 'train', suff: '.jpg', labelDelim: ' ', itemTfms: [resize(128)] })
   */
  async fromDf<const O extends FromDfOptions = FromDfOptions>(
    rows: readonly object[],
    options?: O,
  ): Promise<ImagesFromDf<O>> {
    checkRows(rows)
    const {
      path = '',
      folder = '',
      suff = '',
      fnCol = 0,
      labelCol = 1,
      labelDelim,
      validCol,
      ...rest
    } = options ?? ({} as FromDfOptions)
    const column = (col: string | number) => columnOf(rows, col)
    const fileOf = colReader(column(fnCol), { suff }) as (row: object) => string
    const reading = labelDelim === undefined ? {} : { labelDelim }
    const cols = Array.isArray(labelCol) ? labelCol.map(column) : column(labelCol as string | number)
    const labelOf = colReader(cols as string, reading) as (row: object) => unknown
    const files = rows.map((row) => join(path, folder, fileOf(row)))
    const several = labelDelim !== undefined || Array.isArray(labelCol)
    const labels = rows.map((row) => flat(labelOf(row)))
    const split = validCol === undefined ? undefined : colSplitter(column(validCol))(rows as never)
    return load(
      files,
      labelsByFile(files, labels),
      { ...rest, ...(split && { splitter: () => split }) },
      several ? multiCategoryBlock() : categoryBlock(),
    ) as Promise<ImagesFromDf<O>>
  },

  /** The same with the rows of a table in a file, `labels.csv` in the folder unless it is said (`from_csv`). */
  async fromCsv<const O extends FromCsvOptions = FromCsvOptions>(
    path: string,
    options?: O,
  ): Promise<ImagesFromDf<O>> {
    const { csvFname = 'labels.csv', header, delimiter, ...rest } = options ?? ({} as FromCsvOptions)
    const form = { ...(header !== undefined && { header }), ...(delimiter !== undefined && { delimiter }) }
    const rows = await readCsv(join(path, csvFname), form)
    return ImageDataLoaders.fromDf(rows, { ...rest, path }) as Promise<ImagesFromDf<O>>
  },

  /**
   * Takes a label for each file from a list (`from_lists`): texts, lists of texts for photos with any number of labels,
   * or numbers.
   */
  async fromLists<L, const O extends LabelledImagesOptions = LabelledImagesOptions>(
    files: readonly string[],
    labels: readonly L[],
    options?: O,
  ): Promise<ImagesFromLists<L, O>> {
    checkFiles(files)
    const of = labelsByFile(files, labels)
    return load(files, of, options ?? {}, blockFor(labels)) as Promise<ImagesFromLists<L, O>>
  },
}

function load(
  files: readonly string[],
  label: (path: string) => unknown,
  options: LabelledImagesOptions,
  usual: AnyBlock,
): Promise<unknown> {
  const { splitter, validPct = 0.2, itemTfms = [], batchTfms = [], imgBlock, yBlock, ...loading } = options
  const seed = loading.seed !== undefined ? { seed: loading.seed } : {}
  const block = dataBlock({
    blocks: [imgBlock ?? imageBlock(), yBlock ?? usual],
    getItems: (source: readonly string[]) => source,
    getY: label as (path: string) => never,
    splitter: splitter ?? randomSplitter({ validPct, ...seed }),
    itemTfms,
    batchTfms,
  })
  return block.dataLoaders(files, loading as LoaderOptions<string>)
}

function blockFor([label]: readonly unknown[]): AnyBlock {
  if (Array.isArray(label)) return multiCategoryBlock()
  return typeof label === 'number' ? regressionBlock() : categoryBlock()
}

/** Labels that several columns hold, each perhaps several. */
function flat(label: unknown): unknown {
  return Array.isArray(label) ? label.flat().filter((l) => l !== '') : label
}

/** A column by its name; a number counts the columns of the first row where rows are objects. */
function columnOf(rows: readonly object[], col: string | number): string | number {
  const [row] = rows
  if (typeof col === 'string' || !row || Array.isArray(row) || col in row) return col
  return Object.keys(row)[col] ?? col
}

function nameOf(path: string): string {
  return partOf(path, -1)
}

/** A part of a path, from its end. */
function partOf(path: string, at: number): string {
  return path.replaceAll('\\', '/').split('/').at(at) ?? ''
}

function checkRows(rows: unknown): void {
  if (Array.isArray(rows) && rows.length > 0) return
  const got = Array.isArray(rows) ? 'none' : describe(rows)
  throw new EspalierError('images/rows', `fromDf takes a list of rows, got ${got}`, {
    fix: "say fromDf([{ name: 'a.jpg', label: 'cat' }, …]); for a table in a file use fromCsv",
  })
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
